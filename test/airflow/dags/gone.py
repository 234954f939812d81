"""A DAG whose file is removed while a run of it waits."""

from lab_airflow import DateTimeSensorAsync, PythonOperator, lab_dag, nothing

with lab_dag("gone"):
    PythonOperator(task_id="first", python_callable=nothing)
    DateTimeSensorAsync(task_id="deferred", target_time="2099-01-01T00:00:00+00:00") >> PythonOperator(
        task_id="last", python_callable=nothing
    )
