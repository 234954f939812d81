import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Monitoring } from '../../bench/stack/prometheus.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { commandsOf, readSnippets, wordsOf } from './snippets.ts';

const run = promisify(execFile);
const snippets = readSnippets();
const commands = snippets
  .filter(({ language, text }) => language.endsWith('sh') && text.startsWith('amtool'))
  .flatMap(({ text }) => commandsOf(text));
const routes = snippets.filter(({ file, language }) => file === 'docs/alerts.md' && language === 'yaml');

let folder: string;
let monitoring: Monitoring;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-amtool-'));
  monitoring = await Monitoring.start(folder, DEFAULT_THRESHOLDS, ['127.0.0.1:1'], 'http://127.0.0.1:1/');
});
afterAll(async () => {
  await monitoring.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("the documents' snippets for Alertmanager", () => {
  it('are there', () => {
    expect([commands.length, routes.length]).toEqual([expect.any(Number), 1]);
    expect(commands.length).toBeGreaterThan(10);
  });

  it.each(commands)('%s', async (command) => {
    const [, ...args] = wordsOf(command).words;
    const { stdout } = await run('amtool', [
      `--alertmanager.url=${monitoring.alertmanagerUrl}`,
      ...args,
      '--author=test',
    ]);
    expect(stdout.trim()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(routes)('the routes of $file are valid in the shipped configuration', async ({ text }) => {
    const { routes } = parse(text) as { routes: { receiver: string }[] };
    const receivers = [...routes.map(({ receiver }) => receiver), 'default'].map((name) => ({ name }));
    const file = path.join(folder, 'routes.yml');
    writeFileSync(file, stringify({ route: { receiver: 'default', routes }, receivers }));
    expect((await run('amtool', ['check-config', file])).stdout).toContain('SUCCESS');
  });
});
