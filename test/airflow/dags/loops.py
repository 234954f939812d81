"""A loop, which Airflow knows since 3.4."""

from lab_airflow import AIRFLOW, PythonOperator, lab_dag, nothing, task_group


def step(task_id):
    return PythonOperator(task_id=task_id, python_callable=nothing)


if AIRFLOW >= (3, 4):
    with lab_dag("looping"):

        @task_group
        def again():
            step("first") >> step("second")

        step("begin") >> again.loop(max_iterations=2) >> step("after")
