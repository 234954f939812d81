"""Many DAGs with work that a healthy scheduler rightly holds back: limits, pools, retries, sensors."""

import os
import time
from datetime import timedelta

import pendulum
from lab_airflow import DateTimeSensorAsync, PythonOperator, PythonSensor, lab_dag

# So long ago that catching up takes longer than the test.
BEGIN = pendulum.parse(os.environ["RUNBEAT_SOAK_BEGIN"]).subtract(days=3)
DAGS = 12


def work():
    time.sleep(0.2)


def fail_first(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first attempt fails")


def step(task_id, body=work, **settings):
    return PythonOperator(task_id=task_id, python_callable=body, **settings)


def load_dag(dag_id, **settings):
    every = {"schedule": timedelta(minutes=5), "start_date": BEGIN, "catchup": True, "is_paused_upon_creation": True}
    return lab_dag(dag_id, **{**every, **settings})


for number in range(DAGS):
    with load_dag(f"catchup_{number}", max_active_runs=1 + number % 2):
        step("first") >> [step("left"), step("right")] >> step("last")

with load_dag("limited", max_active_runs=2, max_active_tasks=2):
    step("first") >> [step(f"wide_{number}") for number in range(4)] >> step("last")

with load_dag("contended", max_active_runs=2):
    [step(f"slot_{number}", pool="one_slot") for number in range(3)]

with load_dag("retried", max_active_runs=1):
    step("flaky", fail_first, retries=1, retry_delay=timedelta(seconds=20)) >> step("after")

with load_dag("waiting", max_active_runs=1):
    soon = "{{ macros.datetime.utcnow() + macros.timedelta(seconds=20) }}"
    step("before") >> DateTimeSensorAsync(task_id="deferred", target_time=soon) >> step("after")

with load_dag("poking", max_active_runs=1):
    poke = PythonSensor(
        task_id="sensor",
        python_callable=lambda: pendulum.now("UTC").second < 20,
        mode="reschedule",
        poke_interval=10,
        timeout=600,
    )
    step("before") >> poke >> step("after")

with load_dag("paused_now_and_then", max_active_runs=2):
    step("first") >> step("second")
