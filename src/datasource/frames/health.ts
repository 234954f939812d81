import { ThresholdsMode, type DataFrame } from '@grafana/data';
import type { Outage, SchedulerStatus, Transition } from '../../../shared/api.ts';
import { TRANSITION_LINE } from '../../../shared/metrics.ts';
import { FRAME_KINDS } from '../../data/frameFields.ts';
import { count, flag, HIDDEN, pageUrl, runLinks, seconds, text, time } from './fields.ts';
import { frameOf } from './frame.ts';

const LINKS = runLinks('graph_url', 'gantt_url');

/** Green below 1 s, yellow up to what counts as slow, red above. */
const TRANSITION_LINES = {
  mode: ThresholdsMode.Absolute,
  steps: [
    { value: -Infinity, color: 'green' },
    { value: 1, color: 'yellow' },
    { value: TRANSITION_LINE, color: 'red' },
  ],
};

/** Transitions, slowest first. */
export function transitionsFrame(transitions: readonly Transition[]): DataFrame {
  return frameOf(FRAME_KINDS.transitions, transitions, [
    time('started_at', (row) => row.started_at, { displayName: 'Time' }),
    text('dag_id', (row) => row.dag_id, { displayName: 'DAG' }),
    text('upstream_task_id', (row) => row.upstream_task_id, { displayName: 'From' }),
    text('task_id', (row) => row.task_id, { displayName: 'To', links: LINKS }),
    count('map_index', (row) => row.map_index, HIDDEN),
    seconds('seconds', (row) => row.seconds, {
      displayName: 'Transition',
      thresholds: TRANSITION_LINES,
      custom: { cellOptions: { type: 'color-text' } },
    }),
    seconds('noticed', (row) => row.stages.noticed, { displayName: 'Noticed after' }),
    seconds('queued', (row) => row.stages.queued, { displayName: 'Queued after' }),
    seconds('started', (row) => row.stages.started, { displayName: 'Started after' }),
    time('ended_at', (row) => row.ended_at, { displayName: 'Upstream ended' }),
    text('run_id', (row) => row.run_id, { displayName: 'Run', links: LINKS }),
    text('source', (row) => row.source, { displayName: 'Source' }),
    pageUrl('graph_url', (row) => row.links.graph),
    pageUrl('gantt_url', (row) => row.links.gantt),
  ]);
}

/** The present status of schedulers. */
export function schedulersFrame(schedulers: readonly SchedulerStatus[]): DataFrame {
  return frameOf(FRAME_KINDS.schedulers, schedulers, [
    text('scheduler', (row) => row.scheduler, { displayName: 'Scheduler' }),
    flag('alive', (row) => row.alive, { displayName: 'Alive' }),
    seconds('heartbeat_age_seconds', (row) => row.heartbeat_age_seconds, { displayName: 'Heartbeat age' }),
    time('latest_heartbeat', (row) => row.latest_heartbeat, { displayName: 'Latest heartbeat' }),
    text('state', (row) => row.state, { displayName: 'State' }),
    text('hostname', (row) => row.hostname, { displayName: 'Host' }),
    text('lane', (row) => row.lane, { displayName: 'Lane' }),
    text('source', (row) => row.source, { displayName: 'Source' }),
  ]);
}

/** Intervals without a live scheduler, also for annotations. */
export function outagesFrame(outages: readonly Outage[]): DataFrame {
  return frameOf(FRAME_KINDS.outages, outages, [
    time('time', (row) => row.from, { displayName: 'From' }),
    time('time_end', (row) => row.to, { displayName: 'To' }),
    seconds('duration_seconds', (row) => row.duration_seconds, { displayName: 'Duration' }),
    text('source', (row) => row.source, { displayName: 'Source' }),
    count('delayed_runs', (row) => row.delayed_runs.length, { displayName: 'Delayed runs' }),
    text('delayed_keys', (row) => delayedKeys(row).join(', '), { displayName: 'Delayed ids' }),
    seconds('longest_delay_seconds', (row) => longestDelay(row), { displayName: 'Longest delay' }),
  ]);
}

function delayedKeys(outage: Outage): string[] {
  return [...new Set(outage.delayed_runs.flatMap((run) => Object.values(run.keys).flat()))];
}

function longestDelay({ delayed_runs }: Outage): number | null {
  return delayed_runs.length > 0 ? Math.max(...delayed_runs.map((run) => run.delayed_seconds)) : null;
}
