import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exemplarLabels, newerExemplar } from '../../exporter/metrics/exemplars.ts';
import { formatFor } from '../../exporter/metrics/format.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import { watchedFromTheBeginning, type TestExporter } from './world.ts';

describe('the format of a scrape', () => {
  const PROMETHEUS_2 =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const PROMETHEUS_3 =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

  it.each([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    ['Application/OpenMetrics-Text; Version=1.0.0; q=0.9, text/plain; q=0.9', 'openmetrics'],
    ['application/openmetrics-text;q=0.2,text/plain;q=0.8', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=much', 'text'],
    ['application/openmetrics-text;version=2.0.0', 'text'],
    [PROMETHEUS_2, 'openmetrics'],
    [PROMETHEUS_3, 'openmetrics'],
  ])('%s: %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});

describe('an exemplar', () => {
  const observed = { us: 1, at_us: 1 };

  it('names the task and its run if both fit into 128 characters', () => {
    const run_id = 'r'.repeat(100);
    expect(exemplarLabels({ ...observed, run_id, task_id: 't'.repeat(15) })).toEqual({
      run_id,
      task_id: 't'.repeat(15),
    });
    expect(exemplarLabels({ ...observed, run_id, task_id: 't'.repeat(16) })).toEqual({ run_id });
  });

  it('is left out if the run_id does not fit, counted in characters and not bytes', () => {
    expect(exemplarLabels({ ...observed, run_id: 'é'.repeat(122) })).toEqual({ run_id: 'é'.repeat(122) });
    expect(exemplarLabels({ ...observed, run_id: 'é'.repeat(123) })).toBeNull();
  });

  it('is replaced by a newer one, or by a slower one of the same time', () => {
    const before = { run_id: 'before', us: 5, at_us: 10 };
    const chosen = (us: number, at_us: number): string => newerExemplar(before, { run_id: 'next', us, at_us }).run_id;
    expect([chosen(1, 11), chosen(9, 9), chosen(6, 10), chosen(4, 10)]).toEqual(['next', 'before', 'next', 'before']);
  });
});

describe('a scrape in OpenMetrics', () => {
  let world: RunbeatWorld;
  let exporter: TestExporter;

  beforeAll(async () => {
    world = await openRunbeatWorld();
    await world.addDag('unlucky "one"');
    await watchedFromTheBeginning(world.index.url);
    // The limit leaves room for one DAG. The series of the second one are folded.
    exporter = await world.start({ options: { seriesLimit: 2 } });
    await exporter.settle();
    await world.addRun('earlier', { ago: 60, transition: 7 });
    await exporter.settle();
    await world.addRun('quick', { ago: 50, transition: 0.2 });
    await world.addRun('slow', { ago: 40, transition: 8 });
    await exporter.settle();
  });
  afterAll(() => world.close());

  const bucketOf = (text: string, le: string): string =>
    text
      .split('\n')
      .find((line) => line.startsWith(`runbeat_task_transition_seconds_bucket{source="db",dag_id="flow",le="${le}"}`))!;

  it('links each bucket to the newest run that was counted in it but not in a lower one', async () => {
    const text = await exporter.metrics('openmetrics');
    expect(bucketOf(text, '0.25')).toMatch(/\} 1 # \{run_id="quick",task_id="second"\} 0\.2 \d{10}(\.\d+)?$/);
    expect(bucketOf(text, '10')).toMatch(/\} 3 # \{run_id="slow",task_id="second"\} 8 \d{10}(\.\d+)?$/);
    expect(bucketOf(text, '0.1')).toMatch(/\} 0$/);
    expect(bucketOf(text, '5')).toMatch(/\} 1$/);
    expect(bucketOf(text, '+Inf')).toMatch(/\} 3$/);
    expect(text).toMatch(/runbeat_run_duration_seconds_bucket\{.*le="5"\} 3 # \{run_id="slow"\} 3 /);
    expect(text).toMatch(/runbeat_task_duration_seconds_bucket\{.*task_id="first",le="1"\} 3 # \{run_id="slow",task_/);
  });

  it('contains the same as the text format, which has no exemplars', async () => {
    const counted = /^runbeat_(task|run|promise|conf|key|outages|series)\w*(_total|_bucket|_sum|_count)\{/;
    const samples = (text: string): string[] => text.split('\n').filter((line) => counted.test(line));
    const [text, open] = [await exporter.metrics('text'), await exporter.metrics('openmetrics')];
    expect(samples(text).length).toBeGreaterThan(50);
    expect(samples(text).some((line) => line.includes(' # '))).toBe(false);
    expect(samples(open).map((line) => line.split(' # ')[0])).toEqual(samples(text));
  });

  it('follows the OpenMetrics standard', async () => {
    const text = await exporter.metrics('openmetrics');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text.match(/^# EOF$/gm)).toHaveLength(1);
    expect(text).not.toMatch(/\n\n/);
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name, type }));
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    expect(families).toContainEqual({ name: 'runbeat_runs_finished', type: 'counter' });
    expect(families).toContainEqual({ name: 'process_cpu_user_seconds', type: 'counter' });
    expect(families.filter(({ name, type }) => type === 'counter' && name!.endsWith('_total'))).toEqual([]);
  });

  it('has no exemplars in a series that combines several DAGs, because its labels do not name the DAG of a run', async () => {
    await world.addRun('gathered', { dag_id: 'unlucky "one"', ago: 30, transition: 9 });
    await exporter.settle();
    const text = await exporter.metrics('openmetrics');
    expect(text).toMatch(/task_duration_seconds_bucket\{source="db",dag_id="_other",task_id="_other",le="1"\} \d+\n/);
    expect(text).not.toMatch(/"_other".* # /);
  });
});
