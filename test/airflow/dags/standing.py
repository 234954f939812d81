"""Runs that do not end, so that a snapshot of the database shows work in every unfinished state."""

import time
from datetime import timedelta

from lab_airflow import DateTimeSensorAsync, PythonOperator, PythonSensor, lab_dag, nothing

HOUR = 3600


def fail():
    raise RuntimeError("this attempt fails, and the next is an hour away")


def hold():
    time.sleep(HOUR)


def step(task_id, body=nothing, **settings):
    return PythonOperator(task_id=task_id, python_callable=body, **settings)


with lab_dag("waiting"):
    begin = step("begin")
    begin >> PythonSensor(
        task_id="rescheduled", python_callable=lambda: False, mode="reschedule", poke_interval=HOUR, timeout=9 * HOUR
    )
    begin >> DateTimeSensorAsync(task_id="deferred", target_time="2099-01-01T00:00:00+00:00")
    begin >> step("retrying", fail, retries=1, retry_delay=timedelta(hours=1)) >> step("not_yet")

with lab_dag("full_pool"):
    step("holder", hold, pool="held_slot", priority_weight=10)
    step("contender", pool="held_slot")

with lab_dag("one_run_at_a_time", max_active_runs=1):
    step("holder", hold)

with lab_dag("paused", is_paused_upon_creation=True):
    step("only")
