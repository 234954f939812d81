import { afterAll, beforeAll, expect, it } from 'vitest';
import { taskEnvironment } from '../../scheduler/config.ts';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, type Lab } from './lab.ts';

/** More tasks than threads are ready, so that most have to wait for a new thread. */
const TASKS = 24;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write(
    'wide.ts',
    `import { dag } from 'runbeat';
     export default dag('wide', {}, (b) => {
       for (let at = 0; at < ${TASKS}; at++) b.task('t' + at, {}, () => {
         console.log(Date.now());
         // Keeps its thread busy, so that the others need their own.
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
       });
     });`,
  );
  await lab.scheduler();
  await lab.worker({ concurrency: TASKS });
});
afterAll(() => lab.close());

it('the start of a task that waits for its thread is when its function starts', async () => {
  const runId = await lab.trigger('wide');
  const run = await lab.finished('wide', runId);
  expect(run.state).toBe('success');
  const early = await Promise.all(
    run.tasks.map(async ({ task_id: taskId, start_date: start }) => {
      const [log] = await readLogs(lab.pool, { dagId: 'wide', runId }, taskId, null);
      return Number(log!.content) - start!.getTime();
    }),
  );
  const lastBegan = Math.max(...run.tasks.map((task, at) => task.start_date!.getTime() + early[at]!));
  const firstBegan = Math.min(...run.tasks.map((task, at) => task.start_date!.getTime() + early[at]!));
  // Starting the threads takes much longer than the tolerance of the timestamps.
  expect(Math.max(...early)).toBeLessThan(Math.max(100, (lastBegan - firstBegan) / 2));
});

it("tasks see none of the service's own settings, under any name", () => {
  const { databaseUrl } = lab.config;
  const env = {
    HOME: '/home/x',
    RUNBEAT_DATABASE_URL: databaseUrl,
    RUNBEAT_API_TOKEN: 'secret',
    RUNBEAT_SOURCE_PASSWORD_FILE: '/run/secrets/x',
    DSN: `url=${databaseUrl}`,
    AWS_REGION: 'eu',
  };
  expect(taskEnvironment(lab.config, env)).toEqual({ HOME: '/home/x', AWS_REGION: 'eu' });
});
