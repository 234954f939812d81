import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startScheduler, startWorker, type Service } from '../../scheduler/main.ts';
import { Proxy } from '../postgres/proxy.ts';
import { openLab, type Lab } from './lab.ts';

/** The limit that the services keep, and a tolerance for a busy machine. */
const NOTICED_MS = 30_000 + 15_000;

let lab: Lab;
let proxy: Proxy;
let services: Service[];
beforeAll(async () => {
  lab = await openLab();
  proxy = await Proxy.open(lab.config.databaseUrl);
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await proxy.close();
  await lab.close();
});

it('scheduler and worker notice within 30 s that the database host has vanished, and continue when it is back', async () => {
  lab.write(
    'one.ts',
    "import { dag } from 'runbeat'; export default dag('one', {}, (b) => { b.task('t', {}, () => undefined); });",
  );
  const config = loadSchedulerConfig({ RUNBEAT_DATABASE_URL: proxy.url, RUNBEAT_DAGS: lab.folder });
  const noticed: Promise<void>[] = [];
  const listening = (name: string): ReturnType<typeof createLogger> => {
    const logger = createLogger(name, 'silent');
    noticed.push(
      new Promise((resolve) => {
        logger.warn = (_: unknown, message?: string) => void (message?.includes('reconnecting') && resolve());
      }),
    );
    return logger;
  };
  services = [await startScheduler(config, listening('scheduler')), await startWorker(config, listening('worker'))];
  expect((await lab.finished('one', await lab.trigger('one'))).state).toBe('success');
  const since = performance.now();
  proxy.vanish();
  await Promise.all(noticed);
  expect(performance.now() - since).toBeLessThan(NOTICED_MS);
  proxy.comeBack();
  expect((await lab.finished('one', await lab.trigger('one'))).state).toBe('success');
});
