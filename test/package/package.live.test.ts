import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyCheckout } from './checkoutCopy.ts';
import { removeDemoFolder } from '../cli/demoFolder.ts';

let folder: string;

function run(command: string, args: readonly string[], cwd: string): { code: number | null; output: string } {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, RUNBEAT_DATABASE_URL: '' } });
  return { code: done.status, output: done.stdout + done.stderr };
}

const command = (): string => path.join(folder, 'node_modules', '.bin', 'runbeat');
const runbeat = (...args: string[]): ReturnType<typeof run> => run(command(), args, folder);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-package-'));
  const copy = mkdtempSync(path.join(tmpdir(), 'runbeat-checkout-'));
  try {
    copyCheckout(copy);
    const packed = run('npm', ['pack', '--pack-destination', folder], copy);
    expect(packed.code, packed.output).toBe(0);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const [tarball] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const installed = run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], folder);
  expect(installed.code, installed.output).toBe(0);
});
afterAll(() => removeDemoFolder(folder));

describe('the package, installed from its tarball into an empty folder', () => {
  const installed = (...parts: string[]): string => path.join(folder, 'node_modules', 'runbeat', ...parts);

  it('has the compiled services, the plugin and the rules, and no development tools', () => {
    for (const file of [
      'build/cli/main.js',
      'build/cli/demo/airflow/airflow3.3/requirements.txt',
      'build/cli/demo/airflow/dags/onboarding.py',
      'dist/plugin.json',
      'provisioning/prometheus/rules/liveness.yml',
      'LICENSE',
    ]) {
      expect(existsSync(installed(file)), file).toBe(true);
    }
    for (const tool of ['tsx', 'webpack', 'typescript', 'vitest', '@grafana/ui']) {
      expect(existsSync(path.join(folder, 'node_modules', tool)), tool).toBe(false);
    }
  });

  it('prints --help for every command, and names a missing setting with exit status 2', () => {
    const commands = [...runbeat('--help').output.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['exporter', 'scheduler', 'worker', 'demo', 'doctor']));
    for (const command of commands) expect(runbeat(command, '--help').code, command).toBe(0);
    const refused = runbeat('exporter');
    expect(refused.code).toBe(2);
    expect(refused.output).toContain('RUNBEAT_SOURCE_URL');
  });

  it('runs the demo, headless and with the preview of the app', async () => {
    const headless = runbeat('demo', '--users', '2', '--exit');
    expect(headless.code, headless.output).toBe(0);
    expect(headless.output).toMatch(/2 success/);

    const demo = spawn(command(), ['demo', '--users', '1'], { cwd: folder, detached: true });
    let said = '';
    const shown = new Promise<string>((resolve, reject) => {
      demo.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const url = /Grafana app +(http:\S+)/.exec(said)?.[1];
        if (url) resolve(url);
      });
      demo.on('exit', () => reject(new Error(`The demo ended:\n${said}`)));
    });
    const ended = once(demo, 'exit');
    try {
      const { origin } = new URL(await shown);
      for (const page of ['/', '/preview/host/main.js', '/public/plugins/runbeat-observability-app/module.js']) {
        expect((await fetch(origin + page)).status, page).toBe(200);
      }
    } finally {
      process.kill(-demo.pid!, 'SIGINT');
      await ended;
    }
  });
});
