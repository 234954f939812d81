import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PACKAGE_VERSION } from '../../platform/package.ts';

const CHART = path.resolve('provisioning/helm/runbeat');
const UNITS = path.resolve('provisioning/systemd');
const read = (...parts: string[]): string => readFileSync(path.join(...parts), 'utf8');
/** Every setting that .env.example explains. */
const SETTINGS = new Set(read('.env.example').match(/RUNBEAT_[A-Z_]+/g));

describe('the Helm chart', () => {
  const { $schema: _, ...schema } = JSON.parse(read(CHART, 'values.schema.json')) as Record<string, unknown>;
  const accepts = new Ajv({ allErrors: true, strict: false }).compile(schema);
  const defaults = parse(read(CHART, 'values.yaml')) as { exporter: object; image: object };
  const values = (change: object): object => ({
    ...defaults,
    existingSecret: 'runbeat',
    image: { ...defaults.image, repository: 'registry/runbeat' },
    exporter: { ...defaults.exporter, sourceUrl: 'postgres://r@db/airflow', indexUrl: 'postgres://r@db/index' },
    ...change,
  });

  it('has the version of the package', () => {
    const chart = parse(read(CHART, 'Chart.yaml')) as { version: string; appVersion: string };
    expect([chart.version, chart.appVersion]).toEqual([PACKAGE_VERSION, PACKAGE_VERSION]);
  });

  it('accepts its own defaults once the three values that only a user knows are set', () => {
    expect(accepts(values({})), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts(defaults)).toBe(false);
  });

  it.each([
    ['a key that does not exist', { exportr: {} }],
    [
      'a password in a URL',
      { exporter: { sourceUrl: 'postgres://r:secret@db/airflow', indexUrl: 'postgres://r@db/i' } },
    ],
    ['a MySQL URL', { exporter: { sourceUrl: 'mysql://r@db/airflow', indexUrl: 'postgres://r@db/i' } }],
    ['no replica', { worker: { replicas: 0 } }],
  ])('refuses %s', (_what, change) => {
    expect(accepts(values(change))).toBe(false);
  });

  it('names only settings that exist', () => {
    const templates = readdirSync(path.join(CHART, 'templates')).map((file) => read(CHART, 'templates', file));
    const named = new Set(templates.join('\n').match(/RUNBEAT_[A-Z_]+/g));
    expect([...named].filter((name) => !SETTINGS.has(name))).toEqual([]);
    expect(named).toContain('RUNBEAT_INDEX_URL');
  });
});

describe('the systemd units', () => {
  it.each(['exporter', 'scheduler', 'worker'])('run the command %s without the rights of root', (service) => {
    const unit = read(UNITS, `runbeat-${service}.service`);
    expect(unit).toContain(`ExecStart=/usr/bin/env runbeat ${service}\n`);
    for (const line of ['User=runbeat', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=']) {
      expect(unit.split('\n')).toContain(line);
    }
  });

  const analyze = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status === 0;
  it.runIf(analyze)('are valid for systemd', () => {
    const units = readdirSync(UNITS).map((file) => path.join(UNITS, file));
    const { stderr } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('runbeat'))).toEqual([]);
  });
});
