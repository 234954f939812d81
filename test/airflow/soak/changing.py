"""A DAG whose file is edited, broken and removed while it runs."""

import time

from lab_airflow import PythonOperator, lab_dag

SHAPE = "first"


def work():
    time.sleep(8)


with lab_dag("changing", max_active_runs=2):
    arrive, leave = (PythonOperator(task_id=name, python_callable=work) for name in ("arrive", "leave"))
    between = PythonOperator(task_id="old_way" if SHAPE == "first" else "new_way", python_callable=work)
    if SHAPE == "first":
        arrive >> between >> leave
    else:
        arrive >> [between, leave]
