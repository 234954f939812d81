import { mkdtempSync, rmSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readExporterConfig } from '../../../exporter/config.ts';
import { PromiseConfig } from '../../../exporter/promises/configuration.ts';
import { silent } from '../world.ts';

const SOURCES = 'sources: [{ name: db, url: postgres://db.example/airflow }]\n';
const GOOD = `${SOURCES}promises: [{ name: quick, dags: flow, ends_within: 3m, share: 95% }]\n`;
const OTHER = `${SOURCES}promises: [{ name: fresh, dags: flow, succeeded_within: 2h }]\n`;

let folder: string;
let file: string;
let promises: PromiseConfig;
let unwatch = (): void => undefined;

const write = (text: string): void => writeFileSync(file, text);
const read = (): ReturnType<typeof readExporterConfig> =>
  readExporterConfig({ RUNBEAT_CONFIG: file, RUNBEAT_INDEX_URL: 'postgres://db.example/index' });
const names = (): string[] => promises.rules.map(({ name }) => name);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-promises-'));
  file = path.join(folder, 'runbeat.yaml');
  write(GOOD);
  promises = new PromiseConfig(read(), read, silent);
});
afterEach(() => {
  unwatch();
  rmSync(folder, { recursive: true });
});

it.each([
  ['that is cut off before its promises', SOURCES],
  ['that is cut off after "promises:"', `${SOURCES}promises:`],
])('a file %s does not withdraw promises', (_what, text) => {
  write(text);
  promises.reload();
  expect(names()).toEqual(['quick']);
  expect(promises.status.problems).toEqual([expect.stringContaining('write "promises: []"')]);
  write(`${SOURCES}promises: []\n`);
  promises.reload();
  expect(names()).toEqual([]);
  expect(promises.isSound).toBe(true);
});

it('a file that does not exist is not read again until it does', async () => {
  rmSync(file);
  const readAgain = vi.fn(read);
  promises = new PromiseConfig({ file, promises: [], namesPromises: false, sources: [] }, readAgain, silent);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  unwatch = promises.watch();
  // Node calls all listeners of a file at once.
  await new Promise((resolve) => watchFile(file, resolve));
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  expect(readAgain).not.toHaveBeenCalled();
  unwatchFile(file);
});

it('an unexpected error does not end the exporter, and is reported like any other', () => {
  const odd = new PromiseConfig(
    read(),
    () => {
      throw new RangeError('Maximum call stack size exceeded');
    },
    silent,
  );
  odd.reload();
  expect(odd.rules.map(({ name }) => name)).toEqual(['quick']);
  expect(odd.isSound).toBe(false);
  expect(odd.status.problems).toEqual([`${file}: can't be read (Maximum call stack size exceeded)`]);
});

it('an edit between the reading of the file and the moment from which it is watched takes effect', async () => {
  write(OTHER);
  unwatch = promises.watch();
  await vi.waitFor(() => expect(names()).toEqual(['fresh']), { timeout: 30_000 });
});

it('an oversized file is refused without being read', () => {
  write(`# ${'x'.repeat(20_000_000)}\n${OTHER}`);
  promises.reload();
  expect(names()).toEqual(['quick']);
  expect(promises.status.problems).toEqual([expect.stringMatching(/has 20 MB; at most 10 MB/)]);
});

it('aliases that multiply are refused', () => {
  const lists = Array.from(
    { length: 12 },
    (_, at) =>
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(', ')}]`,
  );
  write(`a: &a-1 [x]\n${lists.join('\n')}\npromises: *a11\n`);
  promises.reload();
  expect(names()).toEqual(['quick']);
  expect(promises.status.problems).toEqual([expect.stringMatching(/can't be read \(.*alias/i)]);
});
