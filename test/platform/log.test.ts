import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVICE = path.join(folder, 'service.mjs');
writeFileSync(
  SERVICE,
  `import { createLogger } from '${path.resolve('platform/log.ts')}';
const logger = createLogger('service');
for (let line = 0; line < 3; line++) logger.info('line');
setImmediate(() => process.send('still here', () => process.disconnect()));`,
);

/** Runs a process that logs to this descriptor. Returns its message and its exit code. */
async function logTo(stderr: number | 'pipe'): Promise<{ message: unknown; code: unknown }> {
  const child = fork(SERVICE, {
    execArgv: ['--import', path.resolve('bin/typescript.mjs')],
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
  });
  child.stderr?.destroy();
  const exited = once(child, 'exit');
  const message = await Promise.race([
    once(child, 'message').then(([text]) => text as unknown),
    exited.then(() => null),
  ]);
  const [code] = await exited;
  return { message, code };
}

describe('the log of a service', () => {
  it.skipIf(!existsSync('/dev/full'))('does not end the service while its disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      expect(await logTo(full)).toEqual({ message: 'still here', code: 0 });
    } finally {
      closeSync(full);
    }
  });

  it('does not end the service when its reader has ended', async () => {
    expect(await logTo('pipe')).toEqual({ message: 'still here', code: 0 });
  });
});
