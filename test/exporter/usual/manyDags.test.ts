import { describe, expect, it } from 'vitest';
import { UsualTimes } from '../../../exporter/usual/usualTimes.ts';
import type { RunRow, TaskRow } from '../../../exporter/sources/rows.ts';
import type { TaskStructure } from '../../../exporter/sources/structure.ts';

/** More DAGs than are kept in memory. */
const DAGS = Array.from({ length: 1_200 }, (_, at) => `dag_${at}`);

const ended = (dag_id: string) => ({
  run: {
    id: 1,
    dag_id,
    run_id: 'r',
    run_type: 'manual',
    state: 'success',
    clear_number: 0,
    start_us: 0,
    end_us: 9e6,
  } as RunRow,
  tasks: new Map([
    [
      't',
      { run: 1, task_id: 't', map_index: -1, state: 'success', try_number: 1, start_us: 0, end_us: 9e6 } as TaskRow,
    ],
  ]),
  structure: new Map([['t', { task_id: 't', upstream_task_ids: [] } as unknown as TaskStructure]]),
});

describe('more DAGs at once than are kept in memory', () => {
  it('all add to their durations in the index, and those with active runs stay in memory', async () => {
    const index = {
      runRings: async () => [],
      taskRings: async (dagIds: readonly string[]) =>
        dagIds.map((dag_id) => ({ dag_id, task_id: 't', running_us: [7e6], waiting_us: [0] })),
    };
    const usual = new UsualTimes(index);
    await usual.load();
    const lesson = await usual.learn(DAGS.map(ended));
    const learnt = lesson.rows.filter(({ task_id }) => task_id === 't').map(({ running_us }) => running_us);
    expect(learnt).toHaveLength(DAGS.length);
    expect(new Set(learnt.map(String))).toEqual(new Set([String([7e6, 9e6])]));
    await usual.prepare(DAGS);
    lesson.accept();
    expect(DAGS.filter((dagId) => usual.known(dagId)?.get('t')?.running.length === 2)).toHaveLength(DAGS.length);
  });
});
