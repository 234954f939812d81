import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPass } from '../../scheduler/services/pass.ts';
import { connectClient } from '../../scheduler/store/database.ts';
import { lockRun, resetTasks } from '../../scheduler/store/rerun.ts';
import { VersionCache } from '../../scheduler/store/versions.ts';
import { openLab, type Lab } from './lab.ts';

describe.each([
  { where: "under PostgreSQL's own defaults", databaseDefaults: [] },
  {
    where: 'where the site has other defaults',
    databaseDefaults: ["default_transaction_isolation = 'repeatable read'", 'array_nulls = off'],
  },
])('a task that is run again while a pass ends its run, $where,', ({ databaseDefaults }) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ databaseDefaults });
    lab.write(
      'half.ts',
      `import { dag } from 'runbeat';
       export default dag('half', {}, (b) => {
         b.task('fails', {}, () => { throw new Error('no'); });
         b.task('succeeds', {}, () => undefined);
       });`,
    );
  });
  afterAll(() => lab.close());

  it('is noticed by the pass that ends the run', async () => {
    const scheduler = await lab.scheduler();
    const worker = await lab.worker();
    const runId = await lab.trigger('half');
    await lab.finished('half', runId);
    await Promise.all([scheduler.stop(), worker.stop()]);
    // Restores the state from before the pass that ended it.
    const { rows } = await lab.pool.query<{ id: number }>(
      "update runbeat.dag_run set state = 'running', end_date = null where run_id = $1 returning id",
      [runId],
    );

    const person = await connectClient(lab.config.databaseUrl, 'person');
    const passing = await connectClient(lab.config.databaseUrl, 'passing');
    try {
      await person.query('begin');
      await resetTasks(person, (await lockRun(person, 'half', runId))!, ['fails']);
      const pools = new Set(['default_pool']);
      const pass = runPass(passing, new VersionCache(), {
        lane: 'default',
        runIds: rows.map(({ id }) => id),
        abandoned: new Map(),
        promote: false,
        pools,
      });
      await lab.eventually(
        "select from pg_stat_activity where application_name = 'passing' and wait_event_type = 'Lock'",
      );
      await person.query('commit');
      expect(await pass).toMatchObject({ runs: 1, ended: 0, queued: 1 });
    } finally {
      await Promise.all([person.end(), passing.end()]);
    }
  });
});
