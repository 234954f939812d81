import type { DataFrame } from '@grafana/data';
import type { JourneyRun } from '../../../shared/journeys.ts';
import { isFinishedRun, type DagRunState } from '../../../shared/states.ts';
import { customOf, JOURNEY_FIELDS as FIELDS } from '../../data/frameFields.ts';
import { rowReader } from '../../data/readFrame.ts';
import { epochOf } from '../../data/upstreamEnds.ts';
import type { GanttModel, GanttSegment, GanttTask } from './model.ts';

/** One run of a journey; times are epoch milliseconds. */
interface Step {
  source: string;
  dagId: string;
  runId: string;
  state: DagRunState;
  queuedAt: number | null;
  startDate: number | null;
  endDate: number | null;
  /** Start of the gap before it, when the work before it had ended. */
  gapFrom: number | null;
  expectedEnd: number | null;
  waiting: string | null;
}

/** Converts the API's answer about a journey. */
export function journeyGantt(runs: readonly JourneyRun[]): GanttModel {
  const steps = runs.map((run): Step => ({
    ...{ source: run.source, dagId: run.dag_id, runId: run.run_id, state: run.state },
    queuedAt: epochOf(run.queued_at),
    startDate: epochOf(run.start_date),
    endDate: epochOf(run.end_date),
    gapFrom: epochOf(run.gap?.from),
    expectedEnd: epochOf(run.expected_end),
    waiting: run.waiting?.detail ?? null,
  }));
  return modelOf(steps, epochOf(runs[0]?.now), []);
}

/** Whether a frame lists runs with the gaps between them. */
export function isJourneyFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return [FIELDS.runId, FIELDS.startDate, FIELDS.gapFrom].every((name) => names.has(name));
}

/** Converts frames of the query type "Journey" (JOURNEY_FIELDS); ignores other frames. A run in two frames appears once. */
export function journeyFromFrames(frames: readonly DataFrame[]): GanttModel {
  const steps = new Map<string, Step>();
  const notes: string[] = [];
  let answeredAt: number | null = null;
  for (const frame of frames.filter(isJourneyFrame)) {
    const { now = null } = customOf(frame);
    if (now !== null) answeredAt = Math.max(answeredAt ?? now, now);
    for (const notice of frame.meta?.notices ?? []) notes.push(notice.text);
    const row = rowReader(frame);
    for (let at = 0; at < frame.length; at++) {
      const step: Step = {
        source: row.text(FIELDS.source, at) ?? '',
        dagId: row.text(FIELDS.dagId, at) ?? '',
        runId: row.text(FIELDS.runId, at) ?? '',
        state: (row.text(FIELDS.state, at) ?? 'success') as DagRunState,
        queuedAt: row.number(FIELDS.queuedAt, at),
        startDate: row.number(FIELDS.startDate, at),
        endDate: row.number(FIELDS.endDate, at),
        gapFrom: row.number(FIELDS.gapFrom, at),
        expectedEnd: row.number(FIELDS.expectedEnd, at),
        waiting: row.text(FIELDS.waiting, at),
      };
      steps.set(keyOf(step), step);
    }
  }
  return modelOf([...steps.values()], answeredAt, notes);
}

/** Runs on one time axis with one row each, drawn like task instances, with the gap before each. */
function modelOf(steps: readonly Step[], answeredAt: number | null, notes: string[]): GanttModel {
  const severalSources = new Set(steps.map(({ source }) => source)).size > 1;
  const tasks = steps.map((step) => rowOf(step, severalSources));
  const starts = tasks.flatMap((task) => task.start ?? []);
  const stamps = tasks.flatMap((task) => task.attempts[0]!.segments.map((segment) => segment.to ?? segment.from));
  const expected = tasks.flatMap((task) => task.expectedEnd ?? []);
  return {
    tasks,
    rows: 'runs',
    manyRuns: false,
    criticalPath: [],
    start: starts.length > 0 ? least(starts) : null,
    end: stamps.length > 0 ? most(stamps) : null,
    answeredAt,
    expectedEnd: expected.length > 0 ? most(expected) : null,
    live: steps.some(({ state }) => !isFinishedRun(state)),
    notes,
  };
}

function keyOf({ source, dagId, runId }: Step): string {
  return JSON.stringify([source, dagId, runId]);
}

/** Runs of different sources may have the same name, so rows name the source if there are several. */
function rowOf(step: Step, namesSource: boolean): GanttTask {
  const { source, dagId, runId, state, endDate } = step;
  const segments = segmentsOf(step);
  const open = segments.some((segment) => segment.to === null);
  return {
    ...{ key: keyOf(step), source, dagId, runId, state },
    taskId: [...(namesSource ? [source] : []), dagId, runId].join(' · '),
    mapIndex: -1,
    taskGroup: null,
    operator: null,
    pool: null,
    queue: null,
    hostname: null,
    critical: false,
    waiting: step.waiting,
    usualSeconds: null,
    expectedEnd: step.expectedEnd,
    attempts: [{ tryNumber: 1, state, segments, markAt: segments.length > 0 ? null : endDate }],
    rank: 0,
    missing: [],
    start: segments[0]?.from ?? endDate,
    end: open ? null : endDate,
  };
}

/** The gap until the run was requested, its time in the queue, and its work. */
function segmentsOf({ state, queuedAt, startDate: start, endDate, gapFrom }: Step): GanttSegment[] {
  const asked = queuedAt ?? start;
  const waits = state === 'queued';
  const segments: GanttSegment[] = [];
  if (gapFrom !== null && asked !== null && asked > gapFrom) segments.push({ kind: 'gap', from: gapFrom, to: asked });
  if (asked !== null && waits) segments.push({ kind: 'slot', from: asked, to: null });
  else if (asked !== null && start !== null && start > asked) segments.push({ kind: 'slot', from: asked, to: start });
  if (start === null || waits) return segments;
  const end = isFinishedRun(state) ? Math.max(start, endDate ?? start) : null;
  return [...segments, { kind: 'running', from: start, to: end }];
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
