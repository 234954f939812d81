"""Forty no-op tasks in branches that join: the DAG that the transition benchmark runs."""

from lab_airflow import PythonOperator, lab_dag, nothing

BRANCHES = 6
STEPS = 6


def step(task_id):
    return PythonOperator(task_id=task_id, python_callable=nothing)


with lab_dag("onboarding"):
    arrive, decide = step("arrive"), step("decide")
    joins = [step("join_left"), step("join_right")]
    for branch in range(BRANCHES):
        previous = arrive
        for number in range(STEPS):
            current = step(f"branch_{branch}_step_{number}")
            previous >> current
            previous = current
        previous >> joins[branch % 2]
    joins >> decide
