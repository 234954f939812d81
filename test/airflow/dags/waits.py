"""One DAG for each reason to wait that the standing runs do not show."""

import time
from datetime import timedelta

from lab_airflow import AIRFLOW, START, DateTimeSensorAsync, PythonOperator, lab_dag, task

HOUR = 3600
FAR_OFF = "2099-01-01T00:00:00+00:00"


def hold():
    time.sleep(HOUR)


def nothing():
    pass


def step(task_id, body=nothing, **settings):
    return PythonOperator(task_id=task_id, python_callable=body, **settings)


def later(task_id):
    return DateTimeSensorAsync(task_id=task_id, target_time=FAR_OFF)


with lab_dag("limited_tasks", max_active_tasks=1):
    step("holder", hold, priority_weight=10)
    step("contender")

with lab_dag("limited_task"):

    @task(max_active_tis_per_dag=1)
    def one_at_a_time(number):
        time.sleep(HOUR)

    one_at_a_time.expand(number=[1, 2])

with lab_dag("limited_task_per_run"):

    @task(max_active_tis_per_dagrun=1)
    def one_in_a_run(number):
        time.sleep(HOUR)

    one_in_a_run.expand(number=[1, 2])

with lab_dag("unusable_pool"):
    step("wide", pool="held_slot", pool_slots=5)
    step("lost", pool="nowhere")

with lab_dag("past", schedule="@daily", catchup=True, end_date=START + timedelta(days=1), is_paused_upon_creation=True):
    step("only", hold, depends_on_past=True)

with lab_dag("for_later"):
    step("only")

# While the workers are suspended, the executor's other slots fill up, so this task must be the first to get one.
with lab_dag("backlog", is_paused_upon_creation=True):
    step("only", priority_weight=1000)

with lab_dag("backfilled", schedule="@daily", is_paused_upon_creation=True):
    step("only")

# These wait for a deferred task, because that takes up no slot of the executor.
with lab_dag("in_scope"):
    create = step("create").as_setup()
    join = step("join", trigger_rule="one_success")
    create >> [step("quick"), later("slow")] >> join >> step("delete").as_teardown(setups=create)

with lab_dag("late_setup"):
    create = later("create").as_setup()
    join = step("join", trigger_rule="one_success")
    create >> step("work") >> join >> step("delete").as_teardown(setups=create)
    step("free") >> join

if AIRFLOW >= (3, 3):
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    with lab_dag("human"):
        ApprovalOperator(task_id="approve", subject="Go on?")
