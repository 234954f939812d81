"""Runs that end by themselves: every shape that a transition rule has to tell apart."""

import os
import time
from datetime import timedelta
from pathlib import Path

from lab_airflow import (
    START,
    BranchPythonOperator,
    DateTimeSensorAsync,
    EmptyOperator,
    PythonOperator,
    PythonSensor,
    ShortCircuitOperator,
    TaskGroup,
    lab_dag,
    nothing,
    task,
    task_group,
)


def fail():
    raise RuntimeError("this task always fails")


def fail_first(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first attempt fails")


def second_poke(run_id):
    """False the first time that a run asks, so that the sensor is rescheduled exactly once."""
    marker = Path(os.environ["AIRFLOW_HOME"], f"poked_{run_id}")
    if marker.exists():
        return True
    marker.touch()
    return False


def step(task_id, body=nothing, **settings):
    return PythonOperator(task_id=task_id, python_callable=body, **settings)


with lab_dag("branches_join"):
    begin = step("begin")
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "left")
    left, right = step("left"), step("right")
    join = step("join", trigger_rule="none_failed_min_one_success")
    begin >> choose >> [left, right] >> join >> EmptyOperator(task_id="finish")

with lab_dag("retries"):
    flaky = step("flaky", fail_first, retries=2, retry_delay=timedelta(seconds=1))
    step("before") >> flaky >> step("after")

with lab_dag("mapped"):

    @task
    def numbers():
        return [1, 2, 3, 4, 5]

    @task
    def square(number):
        return number * number

    @task
    def total(squares):
        return sum(squares)

    total(square.expand(number=numbers())) >> step("after")

with lab_dag("task_groups"):

    @task_group
    def per_user(user_id):
        @task
        def fetch(user_id):
            return user_id

        @task
        def store(user):
            return user

        store(fetch(user_id))

    with TaskGroup("checks") as checks:
        step("age")
        step("address")
    step("begin") >> per_user.expand(user_id=[42, 43, 44]) >> checks >> step("end")

with lab_dag("rescheduled"):
    sensor = PythonSensor(
        task_id="sensor", python_callable=second_poke, mode="reschedule", poke_interval=45, timeout=1200
    )
    step("before") >> sensor >> step("after")

with lab_dag("deferred"):
    # Far enough ahead that the scheduler has booked the first exit before the task is queued again, on a busy machine, too:
    # otherwise Airflow takes that exit for a failure of the second start. The same goes for the sensor above.
    moment = "{{ macros.datetime.utcnow() + macros.timedelta(seconds=45) }}"
    step("before") >> DateTimeSensorAsync(task_id="deferring", target_time=moment) >> step("after")

with lab_dag("skips"):
    gate = ShortCircuitOperator(
        task_id="gate", python_callable=lambda: False, ignore_downstream_trigger_rules=False
    )
    skipped_one, skipped_two = step("skipped_one"), step("skipped_two")
    after_skip, final = step("after_skip", trigger_rule="all_done"), step("final", trigger_rule="all_done")
    gate >> skipped_one >> skipped_two >> [after_skip, final]
    after_skip >> final

with lab_dag("cleared"):
    step("first") >> step("second") >> step("third")

with lab_dag("user_flow"):
    step("receive") >> step("decide") >> step("answer")

with lab_dag("failing"):
    step("fine") >> step("broken", fail) >> step("never") >> step("never_either")

with lab_dag("trigger_rules"):
    fast = step("fast")
    slow = step("slow", lambda: time.sleep(6))
    broken = step("broken", fail)
    for rule in ("all_success", "one_success", "one_done", "none_failed", "none_failed_min_one_success", "none_skipped"):
        [fast, slow] >> step(rule, trigger_rule=rule)
    for rule in ("one_failed", "all_done", "always"):
        [fast, slow, broken] >> step(rule, trigger_rule=rule)
    broken >> step("all_failed", trigger_rule="all_failed")

with lab_dag("setup_teardown"):
    create = step("create").as_setup()
    delete = step("delete").as_teardown(setups=create)
    create >> step("work") >> step("more_work") >> delete

with lab_dag("one_slot"):
    begin = step("begin")
    for number in range(4):
        begin >> step(f"contender_{number}", lambda: time.sleep(1), pool="one_slot")

# Two scheduled runs once it is unpaused, whatever today is; the second waits for the first.
with lab_dag(
    "daily", schedule="@daily", catchup=True, end_date=START + timedelta(days=1), is_paused_upon_creation=True
):
    step("only", depends_on_past=True)
