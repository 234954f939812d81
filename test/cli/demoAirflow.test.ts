import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { airflowEnvironment, processesOf } from '../../cli/demo/airflow/environment.ts';
import { NEWEST_RELEASE } from '../../cli/demo/airflow/release.ts';

const RUNBEAT = path.resolve('bin/runbeat.mjs');
const DAGS = path.resolve('cli/demo/airflow/dags');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-demo-airflow-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the demo over Airflow', () => {
  it('ends with status 1 without a usable Python, says what it needs, and leaves nothing behind', () => {
    const done = spawnSync(process.execPath, [RUNBEAT, 'demo', '--airflow', '--users', '1', '--exit'], {
      cwd: folder,
      env: { ...process.env, RUNBEAT_LAB_PYTHON: '/no/such/python' },
      encoding: 'utf8',
    });
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('/no/such/python could not be started');
    expect(done.stderr).toContain('Airflow needs Python 3.11 with venv and pip, and PyPI');
    expect(readdirSync(path.join(folder, '.runbeat', 'airflow'))).toEqual([]);
  });

  it('has DAG files that Python can read', () => {
    for (const file of readdirSync(DAGS).filter((name) => name.endsWith('.py'))) {
      const text = readFileSync(path.join(DAGS, file), 'utf8');
      const read = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: text });
      expect(read.status, `${file}: ${String(read.stderr)}`).toBe(0);
    }
  });

  it('pins every package of the release that it installs', () => {
    const lock = readFileSync(path.join(NEWEST_RELEASE.folder, 'requirements.txt'), 'utf8');
    const lines = lock.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines).toContain(`apache-airflow-core==${NEWEST_RELEASE.version}`);
    for (const line of lines) expect(line).toMatch(/^[a-z0-9_.[\],-]+==\S+( ;.*)?$/i);
  });

  it('gives Airflow its own secrets, none of Runbeat’s settings, and only the loopback address', () => {
    const place = { home: '/home', venv: '/venv', dagsFolder: '/dags', databaseUrl: 'postgres://a@127.0.0.1/x' };
    const env = airflowEnvironment({ release: NEWEST_RELEASE, ...place, port: 8080, parallelism: 8 });
    expect(Buffer.from(env.AIRFLOW__CORE__FERNET_KEY!, 'base64url')).toHaveLength(32);
    expect(env.AIRFLOW__API_AUTH__JWT_SECRET!.length).toBeGreaterThan(40);
    expect(Object.keys(env).filter((name) => name.startsWith('RUNBEAT_'))).toEqual([]);
    const server = processesOf(NEWEST_RELEASE, 8080)['api-server']!;
    expect(server[server.indexOf('--host') + 1]).toBe('127.0.0.1');
  });
});
