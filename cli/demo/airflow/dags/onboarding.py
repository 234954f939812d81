"""The demo's DAG: forty short tasks in branches that join, started for a user who arrives."""

import time

from airflow.sdk import DAG, task

BRANCHES = 6
STEPS = 6


@task
def step(seconds=0.1, dag_run=None):
    conf = dag_run.conf or {}
    print(f"user {conf.get('user_id')}, application {conf.get('application', {}).get('id')}")
    time.sleep(seconds)


with DAG("onboarding", schedule=None, catchup=False, tags=["demo"]):
    arrive = step.override(task_id="arrive")()
    joins = [step.override(task_id="join_left")(), step.override(task_id="join_right")()]
    decide = step.override(task_id="decide")()
    for branch in range(BRANCHES):
        previous = arrive
        for number in range(STEPS):
            current = step.override(task_id=f"branch_{branch}_step_{number}")(0.1 + 0.1 * branch)
            previous >> current
            previous = current
        previous >> joins[branch % 2]
    joins >> decide
