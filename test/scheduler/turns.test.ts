import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promoteRuns } from '../../scheduler/store/pass.ts';
import { openLab, type Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write(
    'dags.ts',
    `import { dag } from 'runbeat';
     const one = (id, options) => dag(id, options, (b) => { b.task('t', {}, () => undefined); });
     export const flood = one('flood', { maxActiveRuns: 1_000_000 });
     export const innocent = one('innocent', {});`,
  );
  const scheduler = await lab.scheduler();
  await lab.eventually("select from runbeat.dag where dag_id = 'innocent' and current_version_id is not null");
  await scheduler.stop();
});
afterAll(() => lab.close());

describe('a DAG with more waiting runs than a pass starts', () => {
  it('takes turns with the other DAGs, and starts its own oldest first', async () => {
    const flood: string[] = [];
    for (let at = 0; at < 12; at++) flood.push(await lab.trigger('flood'));
    const innocent = await lab.trigger('innocent');
    const ids = await promoteRuns(lab.pool, 'default', { limit: 4, runIds: null });
    const { rows } = await lab.pool.query<{ run_id: string }>(
      'select run_id from runbeat.dag_run where id = any($1::bigint[]) order by id',
      [ids],
    );
    expect(rows.map((row) => row.run_id)).toEqual([...flood.slice(0, 3), innocent]);
  });
});
