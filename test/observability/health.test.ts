import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab, type Lab } from '../scheduler/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

function health(service: string, env: Record<string, string>): Promise<{ code: number | null; says: string }> {
  const child = spawn(process.execPath, ['provisioning/docker/health.mjs', service], {
    env: { ...process.env, RUNBEAT_DATABASE_URL: lab.config.databaseUrl, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let says = '';
  child.stderr.on('data', (chunk: Buffer) => (says += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, says })));
}

describe('the health check of a container', () => {
  it.each([
    ['scheduler', 'SchedulerJob'],
    ['worker', 'WorkerJob'],
  ] as const)('of a %s asks for its heartbeat', async (name, jobType) => {
    const service = await lab[name]();
    expect(await health(name, {})).toEqual({ code: 0, says: '' });
    await service.stop();
    expect(await health(name, {})).toEqual({ code: 1, says: expect.stringContaining(`no ${jobType} of `) });
  });

  it('without a database gives the reason', async () => {
    const away = { RUNBEAT_DATABASE_URL: 'postgres://a@127.0.0.1:1/x' };
    expect(await health('scheduler', away)).toEqual({ code: 1, says: expect.stringContaining('ECONNREFUSED') });
  });

  it('of an exporter asks whether it is ready', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/readyz' ? status : 404;
      response.end('the reason');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const env = { RUNBEAT_LISTEN: `0.0.0.0:${(server.address() as AddressInfo).port}` };
    expect(await health('exporter', env)).toEqual({ code: 0, says: '' });
    status = 503;
    expect(await health('exporter', env)).toEqual({ code: 1, says: 'not ready: the reason\n' });
    server.close();
  });
});
