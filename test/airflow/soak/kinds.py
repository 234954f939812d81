"""One DAG for each rule by which Airflow decides which tasks may start, must wait, or never run."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pendulum
from lab_airflow import (
    AIRFLOW,
    Asset,
    BranchPythonOperator,
    DateTimeSensorAsync,
    EmptyOperator,
    LatestOnlyOperator,
    PythonOperator,
    PythonSensor,
    ShortCircuitOperator,
    TaskGroup,
    TriggerDagRunOperator,
    lab_dag,
    task,
    task_group,
)

# Constant across parses. A DAG whose start date changes is stored again at each parse, and its row is locked meanwhile.
BEGIN = pendulum.parse(os.environ["RUNBEAT_SOAK_BEGIN"]).subtract(minutes=20)
EVERY = timedelta(minutes=5)


def work(seconds=0.2):
    time.sleep(seconds)


def long_work():
    time.sleep(25)


def fail():
    raise RuntimeError("this task always fails")


def fail_first(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first attempt fails")


def skip():
    from airflow.exceptions import AirflowSkipException

    raise AirflowSkipException("there is nothing to do")


def later():
    return pendulum.now("UTC").second % 30 < 15


def step(task_id, body=work, **settings):
    return PythonOperator(task_id=task_id, python_callable=body, **settings)


def kind(dag_id, **settings):
    every = {"schedule": EVERY, "start_date": BEGIN, "catchup": True, "max_active_runs": 2}
    return lab_dag(dag_id, **{**every, **settings})


with kind("kind_mapped_limits"):

    @task
    def numbers():
        return list(range(5))

    @task(max_active_tis_per_dagrun=1)
    def one_by_one(number):
        time.sleep(0.5)
        return number

    @task(max_active_tis_per_dag=2)
    def two_at_a_time(number):
        time.sleep(0.5)
        return number

    @task(trigger_rule="all_done")
    def total(values):
        return sum(values)

    total(two_at_a_time.expand(number=one_by_one.expand(number=numbers())))

with kind("kind_mapped_groups"):

    @task
    def users():
        return [1, 2, 3]

    @task_group
    def per_user(user):
        @task
        def fetch(user):
            return user

        @task
        def store(user):
            if user == 2:
                raise RuntimeError("the second user can't be stored")

        store(fetch(user))

    per_user.expand(user=users()) >> step("report", trigger_rule="all_done")

with kind("kind_mapped_nothing"):

    @task
    def nobody():
        return []

    @task
    def greet(user):
        return user

    greet.expand(user=nobody()) >> step("after", trigger_rule="none_failed")

with kind("kind_setup_teardown"):
    create = step("create").as_setup()
    create_more = step("create_more").as_setup()
    delete = step("delete").as_teardown(setups=[create, create_more])
    create >> create_more >> [step("work_fails", fail), step("work_well")] >> delete >> step("after", trigger_rule="all_done")

with kind("kind_scopes"):
    begin = step("begin").as_setup()
    join = step("join", trigger_rule="one_success")
    begin >> [step("slow", lambda: work(20)), step("quick")] >> join >> step("end").as_teardown(setups=begin)
    step("free") >> join

with kind("kind_outranked", max_active_tasks=2):

    @task(max_active_tis_per_dagrun=1, priority_weight=10)
    def one_after_another(number):
        work(20)

    one_after_another.expand(number=[1, 2, 3])
    step("behind")

with kind("kind_branches"):
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: ["left"])
    left, right = step("left"), step("right")
    gate = ShortCircuitOperator(task_id="gate", python_callable=lambda: False)
    latest = LatestOnlyOperator(task_id="latest")
    choose >> [left, right] >> step("join", trigger_rule="none_failed_min_one_success") >> gate >> step("cut_off")
    left >> latest >> step("only_in_latest") >> EmptyOperator(task_id="end", trigger_rule="none_failed")

with kind("kind_trigger_rules"):
    fast, slow, broken, none = step("fast"), step("slow", lambda: time.sleep(8)), step("broken", fail), step("skipping", skip)
    for rule in ("one_success", "one_failed", "one_done", "all_done", "none_failed", "none_skipped", "always"):
        [fast, slow, broken, none] >> step(rule, trigger_rule=rule)
    [fast, slow, none] >> step("none_failed_min_one_success", trigger_rule="none_failed_min_one_success")
    broken >> step("all_failed", trigger_rule="all_failed") >> step("after_all_failed")
    none >> step("all_skipped", trigger_rule="all_skipped")
    broken >> step("upstream_failed") >> step("upstream_failed_too") >> step("in_the_end", trigger_rule="all_done")
    if AIRFLOW >= (3, 1):
        [fast, broken] >> step("all_done_min_one_success", trigger_rule="all_done_min_one_success")

with kind("kind_depends_on_past", max_active_runs=3):
    first = step("first", depends_on_past=True, wait_for_downstream=True)
    first >> step("slow", lambda: time.sleep(6)) >> step("last", depends_on_past=True)

with kind("kind_sensors", max_active_runs=2):
    poking = PythonSensor(task_id="poking", python_callable=later, mode="poke", poke_interval=3, timeout=600)
    rescheduled = PythonSensor(
        task_id="rescheduled", python_callable=later, mode="reschedule", poke_interval=12, timeout=600
    )
    backing_off = PythonSensor(
        task_id="backing_off",
        python_callable=later,
        mode="reschedule",
        poke_interval=5,
        exponential_backoff=True,
        max_wait=timedelta(seconds=40),
        timeout=600,
    )
    timing_out = PythonSensor(
        task_id="timing_out", python_callable=lambda: False, mode="reschedule", poke_interval=5, timeout=12, soft_fail=True
    )
    [poking, rescheduled, backing_off, timing_out] >> step("after", trigger_rule="all_done")

with kind("kind_deferred_pool", max_active_runs=2):
    soon = "{{ macros.datetime.utcnow() + macros.timedelta(seconds=25) }}"
    for number in range(3):
        DateTimeSensorAsync(task_id=f"deferred_{number}", target_time=soon, pool="deferred_slots") >> step(
            f"after_{number}", pool="deferred_slots"
        )

with kind("kind_priorities", max_active_runs=3):
    step("heavy", lambda: time.sleep(4), pool="three_slots", pool_slots=3, priority_weight=5)
    step("middle", lambda: time.sleep(3), pool="three_slots", pool_slots=2, priority_weight=10)
    for number in range(3):
        step(f"light_{number}", pool="three_slots", priority_weight=number)

with kind("kind_long_tasks", max_active_runs=2, max_active_tasks=2):
    for number in range(3):
        step(f"long_{number}", long_work) >> step(f"after_{number}")

with kind("kind_retries", max_active_runs=2):
    step("soon", fail_first, retries=1, retry_delay=timedelta(seconds=5)) >> step("after_soon")
    step(
        "growing",
        fail,
        retries=3,
        retry_delay=timedelta(seconds=4),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(seconds=30),
    )
    step("too_slow", lambda: time.sleep(60), execution_timeout=timedelta(seconds=4), retries=1, retry_delay=timedelta(seconds=3))

with kind("kind_run_timeout", max_active_runs=1, dagrun_timeout=timedelta(seconds=20)):
    step("too_long", lambda: time.sleep(45)) >> step("never")

with kind("kind_fails_fast", **({"fail_fast": True} if AIRFLOW >= (3, 0) else {"fail_stop": True})):
    step("fails", fail), step("is_stopped", lambda: time.sleep(15)) >> step("is_skipped")

with kind("kind_nested_groups"):
    with TaskGroup("outer") as outer:
        with TaskGroup("inner") as inner:
            step("a") >> step("b")
        inner >> step("c")
    EmptyOperator(task_id="begin") >> outer >> EmptyOperator(task_id="end")

with kind("kind_parent", max_active_runs=1):
    TriggerDagRunOperator(
        task_id="child", trigger_dag_id="kind_child", wait_for_completion=True, poke_interval=5, conf={"user_id": 42}
    ) >> step("after")
    TriggerDagRunOperator(
        task_id="deferred_child", trigger_dag_id="kind_child", wait_for_completion=True, poke_interval=5, deferrable=True
    )

with kind("kind_child", schedule=None, max_active_runs=1):
    step("only", lambda: time.sleep(3))

PRODUCED, OTHER = Asset("produced"), Asset("other")
with kind("kind_producer"):
    step("produce", outlets=[PRODUCED]) >> step("produce_other", outlets=[OTHER])

with kind("kind_consumer", schedule=[PRODUCED, OTHER], max_active_runs=1):
    step("consume")

if AIRFLOW >= (2, 9):
    if AIRFLOW >= (3, 0):
        from airflow.timetables.assets import AssetOrTimeSchedule

        either = AssetOrTimeSchedule(
            timetable=__import__("airflow.timetables.trigger", fromlist=["x"]).CronTriggerTimetable("*/4 * * * *", timezone="UTC"),
            assets=(PRODUCED | OTHER),
        )
    else:
        from airflow.timetables.datasets import DatasetOrTimeSchedule
        from airflow.timetables.trigger import CronTriggerTimetable

        either = DatasetOrTimeSchedule(
            timetable=CronTriggerTimetable("*/4 * * * *", timezone="UTC"), datasets=(PRODUCED | OTHER)
        )
    with kind("kind_asset_or_time", schedule=either, max_active_runs=1, catchup=False):
        step("consume")

with kind("kind_continuous", schedule="@continuous", max_active_runs=1, catchup=False):
    step("again", lambda: time.sleep(20))

with kind("kind_once", schedule="@once"):
    step("only")

with kind("kind_manual", schedule=None, max_active_runs=2):
    step("first") >> step("slow", lambda: time.sleep(5)) >> step("last")

with kind("kind_killed", schedule=None, max_active_runs=2):
    step("killed", lambda: time.sleep(30), retries=1, retry_delay=timedelta(seconds=3)) >> step("after")

with kind("kind_backfilled", schedule=timedelta(hours=1), start_date=BEGIN.subtract(days=30), catchup=False, max_active_runs=1):
    step("first") >> step("second")

# Five instances at first, three later, so that clearing an early run removes instances.
with kind("kind_shrinking", schedule=None):

    @task
    def wanted():
        return list(range(5 if not Path(os.environ["AIRFLOW_HOME"], "shrunk").exists() else 3))

    @task
    def one(number):
        return number

    one.expand(number=wanted()) >> step("after", trigger_rule="all_done")

if AIRFLOW >= (2, 10):
    with kind("kind_executors"):
        step("named", executor="LocalExecutor") >> step("unnamed")

if AIRFLOW >= (3, 1):
    try:
        from airflow.providers.standard.operators.hitl import ApprovalOperator

        with kind("kind_human", max_active_runs=1, schedule=timedelta(minutes=10)):
            ApprovalOperator(
                task_id="approve", subject="Go on?", execution_timeout=timedelta(seconds=40), defaults="Approve"
            ) >> step("after", trigger_rule="all_done")
    except ImportError:
        pass

# So many DAGs that a scheduler can't examine all of them in one pass.
for number in range(140):
    with kind(f"quiet_{number}", schedule=timedelta(minutes=15), start_date=BEGIN.add(seconds=5 * number), catchup=False):
        EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")
