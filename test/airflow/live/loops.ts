import { expect, test } from 'vitest';
import { API_PREFIX, runPath, type RunDetail } from '../../../shared/api.ts';
import { eventually, SOURCE } from './observer.ts';
import type { Stage } from './waits.ts';

const RUN_ID = 'lab_looping';
/** The tasks of loops.py, in the order in which they run. */
const PATH: readonly (readonly [taskId: string, mapIndex: number])[] = [
  ['begin', -1],
  ...[0, 1].flatMap((iteration) => ['first', 'second', '__loop_gate'].map((id) => [`again.${id}`, iteration] as const)),
  ['after', -1],
];

/** Tests for a release that has loops. */
export function testLoops(stage: () => Stage): void {
  test('runs the iterations of a loop one after another', async () => {
    const { airflow, observer } = stage();
    const known = await airflow.query("select from dag_run where dag_id = 'looping'");
    if (known.length === 0) await airflow.trigger('looping', {}, RUN_ID);
    await airflow.waitForRun('looping', RUN_ID, ['success']);
    await eventually(async () => {
      const detail = await observer.get<RunDetail>(runPath(SOURCE, 'looping', RUN_ID).slice(API_PREFIX.length));
      expect(detail.critical_path!.steps.map((step) => [step.task_id, step.map_index])).toEqual(PATH);
      const byStart = detail.transitions.sort((a, b) => a.started_at.localeCompare(b.started_at));
      expect(byStart.map((one) => [one.upstream_task_id, one.task_id, one.map_index])).toEqual(
        PATH.slice(1).map(([taskId, mapIndex], place) => [PATH[place]![0], taskId, mapIndex]),
      );
      for (const { seconds } of byStart) expect(seconds).toBeGreaterThan(0);
    });
  });
}
