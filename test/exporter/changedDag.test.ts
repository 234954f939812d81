import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../shared/api.ts';
import { readRealAirflow, type RealAirflow } from './realAirflow.ts';

/**
 * What Airflow 3.3.2 does to the rows of a run whose DAG changes: new tasks get the new version, scheduled ones keep the old one, and
 * tasks that are gone are marked as removed.
 */
const CHANGED = `
  update dag_run set state = 'running', end_date = null where dag_id = 'reshaped' and run_id = 'lab_reshaped_first';
  update task_instance set state = case task_id when 'arrive' then 'scheduled' when 'old_way' then 'removed' end,
      start_date = null, end_date = null, scheduled_dttm = null, queued_dttm = null
    where dag_id = 'reshaped' and run_id = 'lab_reshaped_first';
  insert into task_instance
    select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'run_id', 'lab_reshaped_first', 'state', null,
      'start_date', null, 'end_date', null, 'scheduled_dttm', null, 'queued_dttm', null, 'try_number', 0))).*
    from task_instance t where t.dag_id = 'reshaped' and t.run_id = 'lab_reshaped_second' and t.task_id = 'new_way'`;

describe('a run whose DAG changes meanwhile', () => {
  let airflow: RealAirflow;
  let detail: RunDetail;
  beforeAll(async () => {
    airflow = await readRealAirflow('airflow-3.3.2');
    await airflow.source.pool.query(CHANGED);
    await airflow.exporter.observer.poll();
    detail = await airflow.detail('reshaped', 'lab_reshaped_first');
  });
  afterAll(() => airflow.close());

  it('is shown with the edges by which Airflow goes on', () => {
    const edges = detail.edges.map((edge) => `${edge.upstream_task_id} > ${edge.downstream_task_id}`);
    expect(edges.sort()).toEqual(['arrive > leave', 'arrive > new_way']);
    expect(detail.run.notes.join(' ')).toContain('the newest one');
  });

  it('waits for the upstreams that tasks have now', () => {
    const waits = detail.tasks.flatMap(({ task_id, waiting }) =>
      waiting && task_id !== 'arrive' ? [[task_id, waiting.detail]] : [],
    );
    expect(waits.sort()).toEqual([
      ['leave', 'Waits for arrive (1 left).'],
      ['new_way', 'Waits for arrive (1 left).'],
    ]);
  });
});
