"""A DAG that the scenario edits between two runs: the file is rewritten with the second shape."""

from lab_airflow import PythonOperator, lab_dag, nothing

SHAPE = "first"

with lab_dag("reshaped"):
    arrive, leave = (PythonOperator(task_id=name, python_callable=nothing) for name in ("arrive", "leave"))
    between = PythonOperator(task_id="old_way" if SHAPE == "first" else "new_way", python_callable=nothing)
    if SHAPE == "first":
        arrive >> between >> leave
    else:
        arrive >> [between, leave]
