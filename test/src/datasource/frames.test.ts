import { FieldType, type DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { Outage, RunSummary } from '../../../shared/api.ts';
import { outageEvents } from '../../../src/datasource/events.ts';
import { outagesFrame } from '../../../src/datasource/frames/health.ts';
import { customOf } from '../../../src/data/frameFields.ts';
import { runGraphFrames } from '../../../src/datasource/frames/runGraph.ts';
import { runTasksFrame } from '../../../src/datasource/frames/runTasks.ts';
import { lookupFrame, runsFrame } from '../../../src/datasource/frames/runs.ts';
import { rowsOfFrames } from '../../../src/lookup/row.ts';
import { ganttFromFrames, ganttFromRun } from '../../../src/panels/gantt/toModel.ts';
import { graphFromRun } from '../../../src/data/graphFromRun.ts';
import { graphFromFrames } from '../../../src/panels/graph/toModel.ts';
import { failedOnboarding } from '../panels/plans.ts';

const field = (frame: DataFrame, name: string) => frame.fields.find((one) => one.name === name)!;
const links = { graph: '/g', gantt: '/t', external: null };

describe('frames', () => {
  it('carry types and units that Grafana’s own panels understand', () => {
    const frame = runTasksFrame(failedOnboarding());
    expect(field(frame, 'start_date').type).toBe(FieldType.time);
    expect(field(frame, 'duration_seconds').config.unit).toBe('s');
    expect(field(frame, 'state').config.mappings).toHaveLength(1);
    expect(new Set(frame.fields.map((one) => one.values.length))).toEqual(new Set([frame.length]));
  });

  it('write a column of minutes as a clock, where Grafana would write 4.98 mins, and nothing in µs or ns', () => {
    const run = (duration_seconds: number, queue_seconds: number): RunSummary => ({
      ...{ source: 's', dag_id: 'd', run_id: 'r', run_type: 'manual', logical_date: null, state: 'success' },
      ...{ queued_at: null, start_date: null, end_date: null, now: '2026-01-31T09:31:00Z', expected_end: null },
      ...{ waiting: null, keys: {}, gone: false, links, duration_seconds, queue_seconds },
    });
    const frame = runsFrame([run(298.8, 0.00000123), run(4, 1.23456)], false);
    expect(field(frame, 'duration_seconds').config.unit).toBe('dthms');
    expect(field(frame, 'queue_seconds').config.unit).toBe('s');
    expect(field(frame, 'queue_seconds').values).toEqual([0, 1.23456]);
  });

  it('give the same Gantt and the same graph as the API’s response', () => {
    const detail = failedOnboarding();
    const shape = (model: ReturnType<typeof ganttFromRun>) =>
      model.tasks.map(({ taskId, state, attempts, critical, start }) => [
        taskId,
        state,
        attempts.length,
        critical,
        start,
      ]);
    expect(shape(ganttFromFrames([runTasksFrame(detail)]))).toEqual(shape(ganttFromRun(detail)));
    const graph = graphFromFrames(runGraphFrames(detail));
    const expected = graphFromRun(detail);
    expect(graph.nodes.map(({ id, state }) => [id, state])).toEqual(expected.nodes.map(({ id, state }) => [id, state]));
    expect(graph.edges.map(({ source, target, seconds }) => [source, target, seconds])).toEqual(
      expected.edges.map(({ source, target, seconds }) => [source, target, seconds]),
    );
  });

  it('give the lookup panel the result of the lookup, including links', () => {
    const item = {
      ...{ source: 's', key: 'user_id', value: '42', dag_id: 'd', run_id: 'r', logical_date: '2026-01-31T09:30:00Z' },
      ...{ state: 'running' as const, start_date: null, end_date: null, duration_seconds: null, progress: null, links },
      ...{ now: '2026-01-31T09:31:00Z', expected_end: null, waiting: null, gone: true },
    };
    const [row] = rowsOfFrames([lookupFrame([item], false)]);
    expect(row).toMatchObject({
      value: '42',
      dagId: 'd',
      runId: 'r',
      state: 'running',
      gone: true,
      graphUrl: '/g',
      ganttUrl: '/t',
    });
    expect(row!.logicalDate).toBe(Date.parse('2026-01-31T09:30:00Z'));
  });

  it('name the ids of a lookup without a run, so that the panel can list them', () => {
    expect(customOf(lookupFrame([], false, ['7', '8'])).missing).toEqual(['7', '8']);
  });

  it('say that they are incomplete because of the limit', () => {
    expect(runsFrame([], true).meta?.notices).toHaveLength(1);
    expect(runsFrame([], false).meta?.notices).toHaveLength(0);
  });

  it('link runs in separate fields, so that a table needs no configuration', () => {
    const frame = runsFrame([], false);
    expect(field(frame, 'run_id').config.links?.map((link) => link.url)).toEqual([
      '${__data.fields["graph_url"]:raw}&from=${__from}&to=${__to}',
      '${__data.fields["gantt_url"]:raw}&from=${__from}&to=${__to}',
    ]);
  });
});

describe('outageEvents', () => {
  const outage = (part: Partial<Outage>): Outage => ({
    source: 'prod',
    from: '2026-01-31T03:00:00Z',
    to: '2026-01-31T03:05:00Z',
    duration_seconds: 300,
    delayed_runs: [{ dag_id: 'd', run_id: 'r', keys: { user_id: ['42'] }, delayed_seconds: 120, links }],
    ...part,
  });

  it('are regions that name the runs that the outage delayed', () => {
    const [event] = outageEvents([outagesFrame([outage({})])]);
    expect(event).toMatchObject({
      time: Date.parse('2026-01-31T03:00:00Z'),
      timeEnd: Date.parse('2026-01-31T03:05:00Z'),
      title: 'No scheduler was alive',
      text: '5 min 00 s, 1 run delayed (42)',
      tags: ['scheduler down', 'prod'],
    });
  });

  it('extend to the present time of the source for an ongoing outage', () => {
    const [event] = outageEvents([outagesFrame([outage({ to: null, delayed_runs: [] })])]);
    expect(event).toMatchObject({
      timeEnd: Date.parse('2026-01-31T03:05:00Z'),
      title: 'No scheduler is alive',
      text: '5 min 00 s, no runs delayed',
    });
  });

  it('are empty for other frames', () => {
    expect(outageEvents([runsFrame([], false)])).toEqual([]);
  });
});
