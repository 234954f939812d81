import { describe, expect, it } from 'vitest';
import { workerOf } from '../../exporter/collectors/workload.ts';

describe('the host of a task', () => {
  it.each([
    ['my-dag-load-x8k2m9qz', 'my_dag', 'load', 'kubernetes-pod'],
    ['mydagload.0123456789abcdef0123456789abcdef', 'my_dag', 'load', 'kubernetes-pod'],
    [
      'a-very-long-name-of-a-dag-that-was-cut-off-somew-x8k2m9qz',
      'a_very_long_name_of_a_dag_that_was_cut_off_somewhere',
      't',
      'kubernetes-pod',
    ],
    ['airflow-worker-0', 'my_dag', 'load', 'airflow-worker-0'],
    ['airflow-worker-5d7f8b9c6d-x2x4q', 'airflow', 'worker', 'airflow-worker-5d7f8b9c6d-x2x4q'],
    ['etl-worker12', 'etl', 'load', 'etl-worker12'],
    ['ip-10-0-0-1.ec2.internal', 'ip', 'x', 'ip-10-0-0-1.ec2.internal'],
  ])('%s is a label value unless it is a pod that runs only this task', (hostname, dagId, task_id, expected) => {
    expect(workerOf({ hostname, task_id }, dagId)).toBe(expected);
  });
});
