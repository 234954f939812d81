import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDuration, parseShare, writeDuration } from '../../../exporter/promises/amounts.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import { limitsOf } from '../../../exporter/sources/airflowLimits.ts';
import { matches } from '../../../exporter/promises/rules.ts';

const CONTEXT = { sources: ['prod', 'staging'], keys: ['user_id', 'order'], pollUs: 2e6 };
const read = (yaml: string) => parsePromises((parse(yaml) as { promises: unknown }).promises, CONTEXT);
const problems = (entry: string): string[] => read(`promises:\n  - { ${entry} }`).problems;

describe('promises in runbeat.yaml', () => {
  it('may be of all four kinds', () => {
    const { rules, problems } = read(`promises:
  - name: decision
    dags: { source: prod, dag_id: onboarding }
    ends_within: 3m
    share: 95%
  - name: morning-figures
    dags: [{ tag: reporting }, 'ledger_*']
    done_by: '07:00'
    timezone: Europe/Berlin
    days: mon-fri, last
    except: [2026-12-25, 02-29]
  - name: fresh-prices
    dags: { dag_id: 'prices_*' }
    succeeded_within: 2h
  - name: starts
    dags: { owner: risk }
    starts_within: 1m
    share: 0.9`);
    expect(problems).toEqual([]);
    expect(rules).toMatchObject([
      { name: 'decision', kind: 'ends_within', limitUs: 180e6, share: 0.95 },
      { kind: 'done_by', time: '07:00', timezone: 'Europe/Berlin', dayBegins: '00:00', days: { lastOfMonth: true } },
      { kind: 'succeeded_within', limitUs: 7_200e6 },
      { kind: 'starts_within', limitUs: 60e6, share: 0.9 },
    ]);
    expect(rules[1]).toMatchObject({ dags: [{ tag: 'reporting' }, { dag_id: 'ledger_*' }] });
  });

  it.each([
    ['name: a, dags: x, ends_within: 3m, share: 95%, shar: 1', /shar: is not known here; did you mean share/],
    ['name: a, dags: { dag: x }, succeeded_within: 3m', /dags.dag: is not known here; did you mean .*dag_id/],
    ['name: a, dags: { source: prd }, succeeded_within: 3m', /no source "prd"; did you mean prod/],
    ['name: a, dags: x, ends_within: 3m, share: 100%', /100% allows not one slow run.*99\.9%/],
    ['name: a, dags: x, ends_within: 3m, share: 95', /must be below 1; did you mean 95%/],
    ['name: a, dags: x, ends_within: 3m, share: 0%', /must be above 0%/],
    ['name: a, dags: x, ends_within: 3m', /share: is missing; write e\.g\. 95%/],
    ['name: a, dags: x, ends_within: 1s, share: 95%', /1s is shorter than a poll.*at least 2s/],
    ['name: a, dags: x, ends_within: 180, share: 95%', /180 has no unit; write 180s/],
    ['name: a, dags: x, succeeded_within: soon', /"soon" is not a duration; write e\.g\. 90s/],
    ['name: a, dags: x, succeeded_within: 2h, share: 95%', /share: is only valid with ends_within or starts_within/],
    [
      "name: a, dags: x, done_by: '07:00', timezone: Europe/Berln",
      /no time zone "Europe\/Berln"; did you mean Europe\/Berlin/,
    ],
    ["name: a, dags: x, done_by: '07:00', timezone: '+02:00'", /no time zone "\+02:00"/],
    ["name: a, dags: x, done_by: '07:00'", /timezone: is missing; write e\.g\. Europe\/Berlin/],
    [
      "name: a, dags: x, done_by: '7 am', timezone: UTC",
      /"7 am" is not a time of day from '00:00' to '23:59'; write e\.g\. '07:00'/,
    ],
    ["name: a, dags: x, done_by: '07:00', timezone: UTC, days: mon-fry", /days: "mon-fry" is none of mon-fri/],
    ["name: a, dags: x, done_by: '07:00', timezone: UTC, except: 2027-02-29", /except: "2027-02-29" is not a date/],
    [
      'name: a, journey: { key: user, from: x, to: y }, ends_within: 3m, share: 95%',
      /journey.key: there is no business key "user"; did you mean user_id/,
    ],
    ['name: a, journey: { from: x, to: y }, ends_within: 3m, share: 95%', /journey.key: is missing.*user_id, order/],
    ['name: a, journey: { key: order, from: x }, ends_within: 3m, share: 95%', /journey.to: is missing; name DAGs/],
    [
      'name: a, journey: { key: order, from: x, to: { tags: y } }, ends_within: 3m, share: 95%',
      /journey.to.tags: is not known here; did you mean tag/,
    ],
    [
      'name: a, journey: { key: order, from: x, to: y, too: z }, ends_within: 3m, share: 95%',
      /journey.too: is not known here; did you mean to/,
    ],
    ['name: a, journey: x, ends_within: 3m, share: 95%', /journey: must be an entry such as { key: user_id/],
    [
      'name: a, dags: z, journey: { key: order, from: x, to: y }, ends_within: 3m, share: 95%',
      /dags: must be left out; a journey names its DAGs/,
    ],
    [
      'name: a, journey: { key: order, from: { source: prod }, to: { source: staging } }, ends_within: 3m, share: 95%',
      /journey: from and to name DAGs of different sources/,
    ],
    [
      'name: a, journey: { key: order, from: x, to: y }, succeeded_within: 3m',
      /journey: is only valid with ends_within/,
    ],
    ['name: a, journey: { key: order, from: x, to: y }, ends_within: 3m', /share: is missing/],
    ['name: a, dags: x', /does not say what is promised; give exactly one of ends_within/],
    ['name: a, dags: x, ends_within: 3m, succeeded_within: 2h, share: 95%', /give exactly one of/],
    ['dags: x, succeeded_within: 2h', /name: is missing/],
    ['name: a, succeeded_within: 2h', /dags: is missing/],
    // Values that the index can't store or metrics can't show would make every poll fail.
    ['name: "a\\0b", dags: x, succeeded_within: 2h', /name: must be a text .* without .*control characters/],
    ['name: "a\\ud800b", dags: x, succeeded_within: 2h', /name: must be a text/],
    ['name: "a\\rb", dags: x, succeeded_within: 2h', /name: must be a text/],
    ['name: a, dags: x, ends_within: 3m, share: 99.9999999999%', /100% allows not one slow run/],
    ['name: a, dags: x, ends_within: 3m, share: 0.0000000001%', /must be above 0%/],
    ["name: a, dags: x, done_by: '07:00', timezone: UTC, days: []", /days: names no day; write mon-fri/],
    [
      "name: a, dags: x, done_by: '24:00', timezone: UTC",
      /done_by: "24:00" is not a time of day from '00:00' to '23:59'/,
    ],
    ["name: a, dags: x, done_by: '00:00', timezone: UTC", /done_by: the day begins at 00:00.*day_begins/],
    ['name: a, dags: x, succeeded_within: { toString: 1 }', /succeeded_within: "{…}" is not a duration/],
    ['name: a, dags: x, ends_within: 3m, share: [[{ toString: 1 }]]', /share: "\[…\]" is not a share/],
    ["name: a, dags: x, done_by: '07:00', timezone: { toString: 1 }", /there is no time zone "{…}"/],
    ["name: a, dags: x, done_by: '07:00', timezone: UTC, days: [{ toString: 1 }]", /days: "{…}" is none of/],
    ['name: a, dags: x, done_by: { toString: 1 }, timezone: UTC', /done_by: "{…}" is not a time of day/],
    ['name: a, journey: { key: { toString: 1 }, from: x, to: y }, ends_within: 3m, share: 95%', /key "{…}"/],
  ])('%s', (entry, message) => {
    expect(problems(entry)).toEqual([expect.stringMatching(message)]);
  });

  it('may be on a journey from one DAG to another', () => {
    const entry = 'name: a, journey: { key: user_id, from: [arrivals, { tag: web }], to: onboarding }';
    const { rules, problems } = read(`promises: [{ ${entry}, ends_within: 3m, share: 95% }]`);
    expect(problems).toEqual([]);
    const from = [{ dag_id: 'arrivals' }, { tag: 'web' }];
    expect(rules).toMatchObject([
      { kind: 'journey', key: 'user_id', from, dags: [{ dag_id: 'onboarding' }], limitUs: 180e6, share: 0.95 },
    ]);
  });

  it('report all errors at once', () => {
    expect(problems('name: a, dags: z, journey: { key: no, form: x }, ends_within: x, share: 2')).toHaveLength(7);
    expect(problems('dags: { source: nope }, ends_within: x, share: 100%, colour: red')).toHaveLength(5);
    expect(read('promises: [{ dags: x, succeeded_within: 2h }, { dags: x, succeeded_within: 2h }]').problems).toEqual([
      expect.stringMatching(/promises\.0: name: is missing/),
      expect.stringMatching(/promises\.1: name: is missing/),
    ]);
    expect(parsePromises('x', CONTEXT).problems).toEqual([expect.stringMatching(/must be a list/)]);
    expect(
      read('promises: [{ name: a, dags: x, succeeded_within: 2h }, { name: a, dags: y, succeeded_within: 2h }]')
        .problems,
    ).toEqual([expect.stringMatching(/given twice/)]);
  });
});

it('durations and shares are parsed as people write them, and formatted in the same way', () => {
  expect(['90s', '3m', '2h30m', '1d', '1.5h'].map(parseDuration)).toEqual([90e6, 180e6, 9_000e6, 86_400e6, 5_400e6]);
  expect([90e6, 180e6, 9_000e6, 86_400e6, 2_500_000].map(writeDuration)).toEqual([
    '1m30s',
    '3m',
    '2h30m',
    '1d',
    '2.5s',
  ]);
  expect(parseShare('99.9%')).toBe(0.999);
});

it('a selector matches a DAG if everything that it names does', () => {
  const dag = { source: 'prod', dag_id: 'prices_eu.v1', owner: 'risk, data', tags: ['reporting', 'eu'] };
  const fits = [
    { dag_id: 'prices_*' },
    { dag_id: 'prices_eu.v?' },
    { tag: 'eu' },
    { owner: 'data' },
    { source: 'prod', tag: 'rep*' },
  ];
  const not = [
    { dag_id: 'prices' },
    { dag_id: 'prices_euxv1' },
    { tag: 'us' },
    { owner: 'risk, data' },
    { source: 'staging', tag: 'eu' },
  ];
  expect(fits.map((selector) => matches(selector, dag))).toEqual(fits.map(() => true));
  expect(not.map((selector) => matches(selector, dag))).toEqual(not.map(() => false));
});

it('matching a pattern takes time linear in its length, however many wildcards it has', () => {
  const dag = { source: 'prod', dag_id: 'a'.repeat(250), owner: null, tags: ['😀 ok', 'a.b'] };
  expect(matches({ dag_id: `${'*a'.repeat(20)}b` }, dag)).toBe(false);
  expect(matches({ dag_id: `*${'a*'.repeat(20)}` }, dag)).toBe(true);
  expect(matches({ tag: '? ok' }, dag)).toBe(true);
  expect(['a.?', 'a?b', '*.*', '***', 'a*b', '?*?'].map((tag) => matches({ tag }, dag))).toEqual(Array(6).fill(true));
  expect(['a.?*?', '????', '*a', ''].map((tag) => matches({ tag }, { ...dag, tags: ['a.b'] }))).toEqual(
    Array(4).fill(false),
  );
});

describe('limits that Airflow knows', () => {
  it.each([
    [{ timeout: 300 }, [['dagrun_timeout', 300]]],
    [{ timeout: { __type: 'timedelta', __var: 90 } }, [['dagrun_timeout', 90]]],
    [
      {
        deadline: [
          {
            __type: 'deadline_alert',
            __var: { reference: { reference_type: 'DagRunQueuedAtDeadline' }, interval: 600 },
          },
        ],
      },
      [['deadline', 600]],
    ],
    [
      {
        deadline: ['FixedDatetimeDeadline', 'DagRunLogicalDateDeadline', 'AverageRuntimeDeadline', 'mine'].map((of) => {
          return { __type: 'deadline_alert', __var: { reference: { reference_type: of }, interval: 600 } };
        }),
      },
      [],
    ],
    [{ timeout: null, deadline: null }, []],
    [{ timeout: -1, deadline: [{ interval: -600 }] }, []],
  ])('%j', (row, expected) => {
    const limits = limitsOf({ dag_id: 'd', timeout: undefined, deadline: undefined, ...row });
    expect(limits.map(({ origin, seconds }) => [origin, seconds])).toEqual(expected);
  });
});
