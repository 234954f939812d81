import type { DataFrame } from '@grafana/data';
import type { JourneyPage, JourneyRun } from '../../../shared/journeys.ts';
import { FRAME_KINDS, JOURNEY_FIELDS as F, LOOKUP_FIELDS as L } from '../../data/frameFields.ts';
import { epochOf } from '../../data/upstreamEnds.ts';
import { journeyRuns } from '../../data/journeyRuns.ts';
import { pageUrl, runLinks, seconds, state, text, time, type FieldOf } from './fields.ts';
import { frameOf, notices } from './frame.ts';

const LINKS = runLinks(L.graphUrl, L.ganttUrl);

const COLUMNS: readonly FieldOf<JourneyRun>[] = [
  time(F.startDate, (run) => run.start_date, { displayName: 'Started' }),
  text(F.dagId, (run) => run.dag_id, { displayName: 'DAG', links: LINKS }),
  state(F.state, (run) => run.state),
  seconds(F.gapSeconds, (run) => run.gap?.seconds ?? null, { displayName: 'Gap before' }),
  seconds(F.durationSeconds, (run) => run.duration_seconds, { displayName: 'Duration' }),
  text(F.startedBy, startedBy, { displayName: 'Started by' }),
  text(F.waiting, (run) => run.waiting?.detail ?? null, { displayName: 'Waiting reason' }),
  time(F.expectedEnd, (run) => run.expected_end, { displayName: 'Expected end' }),
  time(F.queuedAt, (run) => run.queued_at, { displayName: 'Queued' }),
  time(F.endDate, (run) => run.end_date, { displayName: 'Ended' }),
  time(F.gapFrom, (run) => run.gap?.from ?? null, { displayName: 'Gap from' }),
  text(F.runId, (run) => run.run_id, { displayName: 'Run', links: LINKS }),
  text(F.source, (run) => run.source, { displayName: 'Source' }),
  pageUrl(L.graphUrl, (run) => run.links.graph),
  pageUrl(L.ganttUrl, (run) => run.links.gantt),
];

/** All runs of one value of a business key, with their ancestors and descendants. */
export function journeyFrame(journey: JourneyPage): DataFrame {
  const { key, value, items, notes, next_cursor } = journey;
  const more = next_cursor === null ? [] : notices([MORE], 'warning');
  return frameOf(
    FRAME_KINDS.journey,
    journeyRuns(journey),
    COLUMNS,
    {
      preferredVisualisationPluginId: 'runbeat-gantt-panel',
      notices: [...more, ...notices(notes)],
      custom: { now: epochOf(items[0]?.now) },
    },
    `${key} ${value}`,
  );
}

const MORE = 'Only the first part of the journey is shown: the query has reached its limit.';

function startedBy({ parents }: JourneyRun): string | null {
  return parents.length === 0 ? null : parents.map(({ dag_id, run_id }) => `${dag_id} · ${run_id}`).join(', ');
}
