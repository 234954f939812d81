import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../../platform/postgres/embedded.ts';
import type { PromisePage } from '../../../shared/api.ts';
import type { TestDatabase } from '../../postgres/database.ts';
import { addScheduler, createRunbeatDatabases } from '../runbeatRows.ts';

interface LogLine {
  msg: string;
  problems?: string[];
}

/** A real exporter that reads its own file. */
interface Exporter {
  log: LogLine[];
  promises(): Promise<PromisePage>;
  /** Value of `runbeat_config_last_reload_successful`. */
  isSound(): Promise<string | undefined>;
  hangUp(): void;
  stop(): Promise<void>;
}

const GOOD = "promises: [{ name: quick, dags: flow, ends_within: 3m, share: '95%' }]\n";
const OTHER = 'promises: [{ name: fresh, dags: flow, succeeded_within: 2h }]\n';
const FAULTY = "promises: [{ name: quick, dags: flow, ends_within: 3, share: '100%' }]\n";

let source: TestDatabase;
let index: TestDatabase;
let folder: string;
let file: string;
let exporter: Exporter;

beforeAll(async () => {
  ({ source, index } = await createRunbeatDatabases());
  await addScheduler(source.pool, 'alpha');
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-reload-'));
  file = path.join(folder, 'runbeat.yaml');
  writeFileSync(file, GOOD);
  exporter = await start();
});
beforeEach(async () => {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== GOOD) writeFileSync(file, GOOD);
  await vi.waitFor(async () => expect(await names()).toEqual(['quick']), WAIT);
  await vi.waitFor(async () => expect(await problems()).toEqual([]), WAIT);
});
afterAll(async () => {
  await exporter.stop();
  rmSync(folder, { recursive: true });
  await Promise.all([source.drop(), index.drop()]);
});

/** A time limit that only a hang exceeds. */
const WAIT = { timeout: 60_000, interval: 50 };

async function start(): Promise<Exporter> {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    RUNBEAT_SOURCE_URL: source.url,
    RUNBEAT_INDEX_URL: index.url,
    RUNBEAT_LISTEN: `127.0.0.1:${port}`,
    RUNBEAT_CONFIG: file,
    RUNBEAT_POLL_INTERVAL: '0.5',
  };
  const child = spawn(process.execPath, ['bin/runbeat.mjs', 'exporter'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const log: LogLine[] = [];
  createInterface(child.stderr).on('line', (line) => {
    log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { msg: line });
  });
  const get = (at: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${at}`);
  await vi.waitFor(async () => expect((await get('/healthz')).ok).toBe(true), WAIT);
  return {
    log,
    promises: async () => (await (await get('/api/v1/promises')).json()) as PromisePage,
    isSound: async () =>
      /^runbeat_config_last_reload_successful (\d)$/m.exec(await (await get('/metrics')).text())?.[1],
    hangUp: () => void child.kill('SIGHUP'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

const names = async (): Promise<string[]> => (await exporter.promises()).items.map(({ promise }) => promise);
const problems = async (): Promise<string[]> => (await exporter.promises()).configuration.problems;

describe('SIGHUP', () => {
  it('reads the file again even if its timestamps have not changed, and does not end the exporter', async () => {
    const before = (await exporter.promises()).configuration.loaded_at;
    exporter.hangUp();
    await vi.waitFor(async () => {
      const { loaded_at } = (await exporter.promises()).configuration;
      expect(Date.parse(loaded_at)).toBeGreaterThan(Date.parse(before));
    }, WAIT);
    expect(await names()).toEqual(['quick']);
    expect(await exporter.isSound()).toBe('1');
  });
});

describe('a change of runbeat.yaml', () => {
  it('takes effect by itself', async () => {
    writeFileSync(file, OTHER);
    await vi.waitFor(async () => expect(await names()).toEqual(['fresh']), WAIT);
    expect(await exporter.isSound()).toBe('1');
  });

  it('with errors keeps the previous promises, lists each error in the API and the log, and sets the metric', async () => {
    expect(await exporter.isSound()).toBe('1');
    writeFileSync(file, FAULTY);
    await vi.waitFor(async () => expect(await problems()).toHaveLength(2), WAIT);
    expect(await problems()).toEqual([
      expect.stringMatching(/ends_within.*3 has no unit/),
      expect.stringMatching(/share.*100%/),
    ]);
    expect(await names()).toEqual(['quick']);
    expect(await exporter.isSound()).toBe('0');
    const told = exporter.log.find(({ msg }) => msg.includes('previous promises stay in force'));
    expect(told?.problems).toEqual(await problems());

    writeFileSync(file, OTHER);
    await vi.waitFor(async () => expect(await names()).toEqual(['fresh']), WAIT);
    expect(await problems()).toEqual([]);
    expect(await exporter.isSound()).toBe('1');
  });

  it.each([
    ['empties it', () => writeFileSync(file, '')],
    ['removes it', () => rmSync(file)],
  ])('that %s does not withdraw promises', async (_what, change) => {
    change();
    await vi.waitFor(async () => expect(await problems()).toEqual([expect.stringContaining(file)]), WAIT);
    expect(await names()).toEqual(['quick']);
    expect(await exporter.isSound()).toBe('0');
    writeFileSync(file, 'promises: []');
    await vi.waitFor(async () => expect(await names()).toEqual([]), WAIT);
    expect(await problems()).toEqual([]);
  });

  it('through a symbolic link that is replaced, as Kubernetes does it, takes effect', async () => {
    for (const [version, text] of [GOOD, OTHER].entries()) {
      mkdirSync(path.join(folder, `v${version}`), { recursive: true });
      writeFileSync(path.join(folder, `v${version}`, 'runbeat.yaml'), text);
    }
    const swap = (link: string, to: string): void => {
      symlinkSync(to, `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    swap(path.join(folder, '..data'), 'v0');
    swap(file, path.join('..data', 'runbeat.yaml'));
    await vi.waitFor(async () => expect(await names()).toEqual(['quick']), WAIT);
    swap(path.join(folder, '..data'), 'v1');
    await vi.waitFor(async () => expect(await names()).toEqual(['fresh']), WAIT);
    rmSync(file);
  });

  it('that is not valid YAML is reported at SIGHUP, too', async () => {
    writeFileSync(file, 'promises: [{ name: quick\n');
    exporter.hangUp();
    await vi.waitFor(async () => expect((await problems()).length).toBeGreaterThan(0), WAIT);
    expect(await names()).toEqual(['quick']);
    expect(await exporter.isSound()).toBe('0');
  });
});
