import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { collectKeys, parseKeyRules } from '../../exporter/sources/keys.ts';
import { valuesAt } from '../../exporter/sources/confValues.ts';
import { SettingsError } from '../../platform/settings.ts';

const SOURCE = { RUNBEAT_SOURCE_URL: 'postgres://reader@db/airflow' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function problems(env: Record<string, string>): readonly string[] {
  try {
    readExporterConfig(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

function file(yaml: string | Buffer): Record<string, string> {
  const RUNBEAT_CONFIG = path.join(folder, 'runbeat.yaml');
  writeFileSync(RUNBEAT_CONFIG, yaml);
  return { RUNBEAT_CONFIG };
}

describe('settings', () => {
  it('require only the database to observe', () => {
    const config = readExporterConfig(SOURCE);
    expect(config).toMatchObject({
      indexUrl: null,
      dataDir: '.runbeat',
      listen: { host: '127.0.0.1', port: 9550 },
      pollSeconds: 2,
    });
    expect(config.sources).toMatchObject([
      { name: 'airflow', url: SOURCE.RUNBEAT_SOURCE_URL, heartbeatThresholdSeconds: 30, connections: 1 },
    ]);
  });

  it('observe the bundled scheduler if no other source is given', () => {
    const { sources, indexUrl } = readExporterConfig({ RUNBEAT_DATABASE_URL: 'postgres://runbeat@db/runbeat' });
    expect(sources).toMatchObject([{ name: 'runbeat', url: 'postgres://runbeat@db/runbeat' }]);
    expect(indexUrl).toBe('postgres://runbeat@db/runbeat');
  });

  it('that are invalid are all named in one error, without their secrets', () => {
    const wrong = problems({
      RUNBEAT_SOURCE_URL: 'mysql://root:secret@db/x',
      RUNBEAT_LISTEN: 'here',
      RUNBEAT_HEARTBEAT_THRESHOLD: '-1',
      RUNBEAT_KEYS: 'user_id=user,=x',
      RUNBEAT_API_TOKEN: 'short',
      RUNBEAT_RUN_BUCKETS: '3,1',
      RUNBEAT_UI_URL: 'javascript:alert(1)',
      RUNBEAT_USE_JOB_SCHEDULE: 'perhaps',
      RUNBEAT_LOG_LEVEL: 'verbose',
      RUNBEAT_CONFIG: path.join(folder, 'absent.yaml'),
    });
    const named = wrong.map((line) => line.split(':')[0]);
    for (const name of [
      'SOURCE_URL',
      'LISTEN',
      'HEARTBEAT_THRESHOLD',
      'KEYS',
      'API_TOKEN',
      'RUN_BUCKETS',
      'UI_URL',
      'USE_JOB_SCHEDULE',
      'CONFIG',
    ]) {
      expect(named).toContain(`RUNBEAT_${name}`);
    }
    expect(wrong).toContain('RUNBEAT_LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent');
    expect(wrong.join()).not.toContain('secret');
  });

  it('without any database name the missing one', () => {
    expect(problems({})).toEqual([expect.stringMatching(/^RUNBEAT_SOURCE_URL: is missing/)]);
  });

  it('keep the promised limits among the buckets, whatever buckets are set', () => {
    const { bounds } = readExporterConfig({
      RUNBEAT_SOURCE_URL: 'postgres://a@db/x',
      RUNBEAT_TRANSITION_BUCKETS: '1,10',
      RUNBEAT_RUN_BUCKETS: '60,180,600',
      RUNBEAT_TASK_BUCKETS: '7',
    });
    expect(bounds).toMatchObject({
      taskTransition: [1, 3, 10],
      taskTransitionStage: [1, 3, 10],
      runDuration: [60, 180, 600],
      taskDuration: [7],
    });
  });

  it('read several sources from a file, and the rest from the environment', () => {
    const yaml = `sources:
  - {name: prod, url: 'postgres://a@db/prod', heartbeat_threshold: 45, ui_url: 'https://airflow/', keys: {user_id: conf.user_id}}
  - {name: night, url: 'postgres://a@db/night', use_job_schedule: false}`;
    const { sources } = readExporterConfig({ ...file(yaml), RUNBEAT_KEYS: 'order=run_id:^o-(\\d{2,3})$' });
    expect(sources).toMatchObject([
      {
        name: 'prod',
        heartbeatThresholdSeconds: 45,
        uiUrl: 'https://airflow',
        keys: [{ key: 'user_id' }],
        useJobSchedule: true,
      },
      { name: 'night', heartbeatThresholdSeconds: 30, uiUrl: null, keys: [{ key: 'order' }], useJobSchedule: false },
    ]);
  });

  it.each([
    ['sources: []', /at least one source/],
    ['sources: [{name: a}]', /sources\.0\.url/],
    ['sources: [{name: "a b", url: "postgres://a@db/x"}]', /sources\.0\.name/],
    ['sources: [{name: a, url: "postgres://a@db/x", colour: red}]', /colour/],
    ['sources: [{name: a, url: "postgres://a@db/x"}, {name: a, url: "postgres://a@db/y"}]', /"a" is given twice/],
    ['sources: [{name: a, url: "postgres://a@db/x", keys: {u: nowhere}}]', /"nowhere" must start with/],
    ['sources: [', /runbeat\.yaml/],
    ['promise: []', /"promise" is not known here; did you mean promises\?/],
    ['x: 1', /"x" is not known here; there are sources, promises/],
    ['sources: [{name: a, url: "postgres://a@db/x", heartbeat_treshold: 5}]', /did you mean heartbeat_threshold\?/],
    ['- name: a', /must consist of "sources:" and "promises:"/],
    ['promises: [{ name: a, dags: *_daily, succeeded_within: 2h }]', /put text that begins with \* in quotes/],
    ['promises:\n  - name: a\n    dags: *\n    succeeded_within: 2h', /put text that begins with \* in quotes/],
    ['promises: []\n---\npromises: []', /has several documents; remove the line "---"/],
    [Buffer.from('\ufeffpromises: []', 'utf16le'), /is not text in UTF-8/],
    [Buffer.from('promises: [{ name: größe }]', 'latin1'), /is not text in UTF-8/],
    ['', /sources/],
  ])('say what is wrong in the file %s', (yaml, message) => {
    expect(problems(file(yaml)).join('\n')).toMatch(message);
  });
});

describe('key rules', () => {
  it('may hold commas in a pattern', () => {
    const { rules, problems: wrong } = parseKeyRules('a=run_id:x(\\d{1,3}), b=conf.b');
    expect(wrong).toEqual([]);
    expect(rules.map((rule) => rule.text)).toEqual(['run_id:x(\\d{1,3})', 'conf.b']);
  });

  it.each([
    ['a=conf.', /path/],
    ['a=run_id:x', /one group/],
    ['a=run_id:(x', /missing closing \)/],
    ['a=run_id:$a(b)', /can't match/],
    ['a=run_id:x()', /can't match/],
    ['a=run_id:a\\b(b)', /can't match/],
    ['a=run_id:.{250}(x)', /can't match/],
    ['a=run_id:(?=x)(x)', /RE2/],
    ['a=conf.users[0].id', /can't match/],
    ['a=conf.users.*.id', /can't match/],
    ['a=conf.user_id .x', /can't match/],
    [`a=conf${'.x'.repeat(65)}`, /64 steps/],
    ['a b=conf.x', /not a valid name/],
    ['a=conf.x,a=conf.y', /twice/],
    ['nothing', /no "="/],
  ])('%s is refused', (text, message) => {
    expect(parseKeyRules(text).problems.join()).toMatch(message);
  });

  it.each(['^order-(\\d+)$', '.{249}(x)', '(?i)(ab)', '\\bfoo\\Bbar(.)', '(?m)a\n^(b)$', '(é)'])(
    'take the pattern %s',
    (text) => {
      expect(parseKeyRules(`a=run_id:${text}`).problems).toEqual([]);
    },
  );

  it('with a pattern that would cause backtracking are matched in one pass over the run_id', () => {
    const { rules } = parseKeyRules('a=run_id:^((?:a+)+)$');
    const keys = collectKeys(rules, `${'a'.repeat(5_000)}!`, () => [], null);
    expect(keys.keys).toEqual({});
  });

  it('look inside arrays on the path, and return only scalars', () => {
    const conf = { users: [{ id: 1 }, { id: 'two' }, { id: { deep: 3 } }, { other: 4 }], flag: true, none: null };
    expect(valuesAt(conf, ['users', 'id'])).toEqual(['1', 'two']);
    expect(valuesAt(conf, ['flag'])).toEqual(['true']);
    expect(valuesAt(conf, ['none'])).toEqual([]);
    expect(valuesAt(conf, ['toString'])).toEqual([]);
    expect(valuesAt({ list: [[[1], 2], 3] }, ['list'])).toEqual(['1', '2', '3']);
    expect(valuesAt([[{ id: 1 }]], ['id'])).toEqual(['1']);
  });
});
