import { describe, expect, it } from 'vitest';
import { parseAirflowStructure } from '../../exporter/sources/serializedDag.ts';
import type { DagStructure } from '../../exporter/sources/structure.ts';

async function parsed(dag: object, version: number, teardownsWait = false): Promise<DagStructure> {
  const row = { dag_id: 'd', version: 'v', data: JSON.stringify({ __version: version, dag }), data_compressed: null };
  return (await parseAirflowStructure(row, { teardownsWait })).structure;
}

function operator(task_id: string, ...downstream_task_ids: string[]): object {
  return { __type: 'operator', __var: { task_id, downstream_task_ids } };
}

function flat(task_id: string, ...downstream_task_ids: string[]): object {
  return { task_id, downstream_task_ids };
}

/** What tasks wait for besides their upstreams; without tasks that wait for nothing else. */
function scopesOf(structure: DagStructure): Record<string, string[]> {
  const scopes = [...structure.values()].filter((task) => task.scope_task_ids.length > 0);
  return Object.fromEntries(scopes.map((task) => [task.task_id, [...task.scope_task_ids].sort()]));
}

describe('a serialized DAG', () => {
  it('of Airflow 3.4 says which tasks are in a loop, which one starts its iterations, and which one is its gate', async () => {
    const children = {
      'again.first': ['operator', 'again.first'],
      inner: ['taskgroup', { _group_id: 'again.inner', children: { second: ['operator', 'again.inner.second'] } }],
      'again.__loop_gate': ['operator', 'again.__loop_gate'],
    };
    const loop = { max_iterations: 3, has_until: false, terminal_task_id: 'second', gate_task_id: 'again.__loop_gate' };
    const again = { _group_id: 'again', children, loop };
    const structure = await parsed(
      {
        tasks: [
          operator('begin', 'again.first'),
          operator('again.first', 'again.inner.second'),
          operator('again.inner.second', 'again.__loop_gate'),
          operator('again.__loop_gate', 'after'),
          operator('after'),
        ],
        task_group: {
          _group_id: null,
          children: { begin: ['operator', 'begin'], again: ['taskgroup', again], after: ['operator', 'after'] },
        },
      },
      3,
    );
    const place = { group: 'again', gate: 'again.__loop_gate' };
    expect(Object.fromEntries([...structure].map(([id, { loop: found }]) => [id, found]))).toEqual({
      begin: null,
      'again.first': { ...place, opens: true },
      'again.inner.second': { ...place, opens: false },
      'again.__loop_gate': { ...place, opens: false },
      after: null,
    });
  });

  it.each([
    ['no backoff', {}, 1],
    ['a backoff of 0', { retry_exponential_backoff: 0 }, 1],
    ['a backoff of true', { retry_exponential_backoff: true }, 2],
    ['a backoff of 0.5', { retry_exponential_backoff: 0.5 }, 0.5],
    ['a backoff of 5', { retry_exponential_backoff: 5 }, 5],
  ])('with %s multiplies its retry delay accordingly', async (_, settings, factor) => {
    const structure = await parsed({ tasks: [{ task_id: 'only', retry_delay: 60, ...settings }] }, 3);
    expect(structure.get('only')!.retry).toEqual({ delay_us: 60e6, factor, max_delay_us: null });
  });

  it.each([
    ['true', 3, { catchup: true }, true],
    ['false', 1, { catchup: false }, false],
    ['the default of Airflow 2', 1, {}, true],
    ['the default of Airflow 3', 2, {}, false],
  ])('whose catchup is %s has a past accordingly', async (_, version, settings, withoutManual) => {
    const structure = await parsed({ ...settings, tasks: [operator('only')] }, version);
    expect(structure.get('only')!.past_without_manual).toBe(withoutManual);
  });

  /** create >> [slow, quick] >> join (one_success) >> delete, where create is the setup of delete; free >> join, join >> after. */
  const setup = {
    tasks: [
      { ...flat('create', 'slow', 'quick', 'delete'), is_setup: true },
      flat('slow', 'join'),
      flat('quick', 'join'),
      flat('free', 'join'),
      { ...flat('join', 'delete', 'after'), trigger_rule: 'one_success' },
      { ...flat('delete', 'report'), is_teardown: true, trigger_rule: 'all_done_setup_success' },
      flat('after'),
      flat('report'),
    ],
  };

  it.each([
    ['all tasks between it and its setup since Airflow 3.2', true, { join: ['create'], delete: ['quick', 'slow'] }],
    ['only its upstreams before', false, { join: ['create'] }],
  ])('makes a task wait for the setup of its scope, and a teardown for %s', async (_, teardownsWait, expected) => {
    expect(scopesOf(await parsed(setup, 3, teardownsWait))).toEqual(expected);
  });

  it('makes all later tasks wait for a setup without a teardown', async () => {
    const tasks = [{ ...flat('create', 'work'), is_setup: true }, flat('work', 'after'), flat('after')];
    expect(scopesOf(await parsed({ tasks }, 3, true))).toEqual({ after: ['create'] });
  });
});
