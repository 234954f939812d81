import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoSummary } from '../../../cli/demo/summary.ts';
import { removeDemoFolder } from '../../cli/demoFolder.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-demo-'));
  // Reuses what the other tests have installed.
  const installed = path.resolve('.runbeat/airflow');
  mkdirSync(installed, { recursive: true });
  mkdirSync(path.join(folder, '.runbeat'));
  symlinkSync(installed, path.join(folder, '.runbeat', 'airflow'));
});
afterAll(() => removeDemoFolder(folder));

it('the demo follows a user through a real Airflow 3, as its summary says', () => {
  const args = [path.resolve('bin/runbeat.mjs'), 'demo', '--airflow', '--users', '1', '--exit', '--json'];
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(done.status, done.stderr).toBe(0);
  const summary = JSON.parse(done.stdout) as DemoSummary;
  expect(summary.runs_by_state).toEqual({ success: 1 });
  expect(summary.transitions).toBe(39);
});
