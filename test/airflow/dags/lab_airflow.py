"""The names that moved between Airflow 2 and 3, so that one set of DAGs runs on both."""

import pendulum
from airflow import __version__

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
    from airflow.providers.standard.operators.python import (
        BranchPythonOperator,
        PythonOperator,
        ShortCircuitOperator,
    )
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
    from airflow.providers.standard.sensors.python import PythonSensor
    from airflow.sdk import DAG, Asset, TaskGroup, task, task_group
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import task, task_group
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.latest_only import LatestOnlyOperator
    from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.sensors.date_time import DateTimeSensorAsync
    from airflow.sensors.python import PythonSensor
    from airflow.utils.task_group import TaskGroup

__all__ = [
    "AIRFLOW",
    "Asset",
    "BranchPythonOperator",
    "DateTimeSensorAsync",
    "EmptyOperator",
    "LatestOnlyOperator",
    "PythonOperator",
    "PythonSensor",
    "ShortCircuitOperator",
    "TaskGroup",
    "TriggerDagRunOperator",
    "lab_dag",
    "nothing",
    "task",
    "task_group",
]

# (major, minor) of the running Airflow.
AIRFLOW = tuple(int(part) for part in __version__.split(".")[:2])
START = pendulum.datetime(2024, 1, 1, tz="UTC")


def lab_dag(dag_id, **overrides):
    """A DAG that runs only when it is triggered, unless told otherwise."""
    return DAG(dag_id, **{"schedule": None, "start_date": START, "catchup": False, **overrides})


def nothing():
    """The body of a task that is only there for its place in the graph."""
