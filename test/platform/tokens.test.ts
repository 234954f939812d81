import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { SettingsError } from '../../platform/settings.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';

const DATABASE = { RUNBEAT_DATABASE_URL: 'postgres://u@db/x' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-tokens-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('tokens', () => {
  it('of a file are changed without a restart, and the old one can stay valid with the new one', () => {
    const file = path.join(folder, 'tokens');
    writeFileSync(file, 'the-first-token\n');
    const { tokens } = readExporterConfig({ ...DATABASE, RUNBEAT_API_TOKEN_FILE: file });
    expect(tokens!.valid()).toEqual(['the-first-token']);
    writeFileSync(file, 'the-second-token\nthe-first-token\n');
    expect(tokens!.valid()).toEqual(['the-second-token', 'the-first-token']);
    rmSync(file);
    expect(tokens!.valid()).toHaveLength(2);
    mkdirSync(file);
    expect(tokens!.valid()).toHaveLength(2);
  });

  it('of a file are read again after a change that keeps size and modification time', () => {
    const file = path.join(folder, 'restored');
    writeFileSync(file, 'the-first-token\n');
    const { tokens } = readExporterConfig({ ...DATABASE, RUNBEAT_API_TOKEN_FILE: file });
    const { atime, mtime } = statSync(file);
    utimesSync(file, atime, mtime);
    expect(tokens!.valid()).toEqual(['the-first-token']);
    writeFileSync(file, 'the-other-token\n');
    utimesSync(file, atime, mtime);
    expect(tokens!.valid()).toEqual(['the-other-token']);
  });

  it.each([
    ['RUNBEAT_API_TOKEN', 'short', /RUNBEAT_API_TOKEN: must have at least 8 characters/],
    ['RUNBEAT_CONTROL_TOKEN', 'short', /RUNBEAT_CONTROL_TOKEN: must have at least 8 characters/],
    ['RUNBEAT_API_TOKEN_FILE', '/no/such/file', /RUNBEAT_API_TOKEN_FILE: there is no file/],
    ['RUNBEAT_LISTEN', '0.0.0.0:9550', /RUNBEAT_API_TOKEN: is needed, because RUNBEAT_LISTEN/],
    ['RUNBEAT_LISTEN', '[::]:9550', /RUNBEAT_API_TOKEN: is needed/],
  ])('%s=%s prevents the exporter from starting, with the reason', (name, value, reason) => {
    const read = (): unknown => readExporterConfig({ ...DATABASE, [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(reason);
  });

  it('for writing differ from those for reading, unless a site has only one', () => {
    const listen = { ...DATABASE, RUNBEAT_CONTROL_LISTEN: '127.0.0.1:9560' };
    const two = loadSchedulerConfig({
      ...listen,
      RUNBEAT_API_TOKEN: 'reads-only',
      RUNBEAT_CONTROL_TOKEN: 'writes-too',
    });
    expect([two.access.read!.valid(), two.access.write!.valid()]).toEqual([['reads-only'], ['writes-too']]);
    const one = loadSchedulerConfig({ ...listen, RUNBEAT_API_TOKEN: 'does-both' });
    expect(one.access.write!.valid()).toEqual(['does-both']);
    expect(() => loadSchedulerConfig(listen)).toThrow(/RUNBEAT_CONTROL_TOKEN: is needed/);
  });
});
