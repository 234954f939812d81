import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLab, type Lab } from './lab.ts';

const yaml = (dagId: string): string => `dag_id: ${dagId}\ntasks:\n  - task_id: t\n    command: "true"\n`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

it('a link that leads in circles ends no scheduler, which goes on to see changes', async () => {
  lab.write('first.yaml', yaml('first'));
  symlinkSync('.', path.join(lab.folder, 'again'));
  await lab.scheduler();
  lab.write('second.yaml', yaml('second'));
  await lab.eventually("select 1 from runbeat.dag where dag_id = 'second' and not is_stale");
  const { rows } = await lab.pool.query(
    "select from runbeat.job where job_type = 'SchedulerJob' and state = 'running'",
  );
  expect(rows).toHaveLength(1);
});
