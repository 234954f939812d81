import type { DataFrame } from '@grafana/data';
import type { LookupItem, RunSummary } from '../../../shared/api.ts';
import { FRAME_KINDS, LOOKUP_FIELDS as F } from '../../data/frameFields.ts';
import { standsAt, waitingDetail } from '../../lookup/standsAt.ts';
import { HIDDEN, pageUrl, runLinks, seconds, state, text, time, type FieldOf } from './fields.ts';
import { frameOf, notices } from './frame.ts';

const LINKS = runLinks(F.graphUrl, F.ganttUrl);

/** Fields that found and listed runs have in common. */
function common<Row extends LookupItem | RunSummary>(): FieldOf<Row>[] {
  return [
    text(F.dagId, (row) => row.dag_id, { displayName: 'DAG', links: LINKS }),
    seconds(F.durationSeconds, (row) => row.duration_seconds, { displayName: 'Duration' }),
  ];
}

function ending<Row extends LookupItem | RunSummary>(): FieldOf<Row>[] {
  return [
    time(F.startDate, (row) => row.start_date, { displayName: 'Started' }),
    time(F.endDate, (row) => row.end_date, { displayName: 'Ended' }),
    text(F.runId, (row) => row.run_id, { displayName: 'Run', links: LINKS }),
    text(F.source, (row) => row.source, { displayName: 'Source' }),
    pageUrl(F.graphUrl, (row) => row.links.graph),
    pageUrl(F.ganttUrl, (row) => row.links.gantt),
    text(F.externalUrl, (row) => row.links.external, HIDDEN),
    text(F.gone, (row) => (row.gone ? 'true' : null), HIDDEN),
  ];
}

/** Runs found by a business key, with one row per run and value. `missing` are the ids without a run. */
export function lookupFrame(
  items: readonly LookupItem[],
  truncated: boolean,
  missing: readonly string[] = [],
): DataFrame {
  return frameOf(
    FRAME_KINDS.lookup,
    items,
    [
      time(F.logicalDate, (row) => row.logical_date, { displayName: 'Logical date' }),
      text(F.key, (row) => row.key, { displayName: 'Key' }),
      text(F.value, (row) => row.value, { displayName: 'Id' }),
      state(F.state, (row) => row.state),
      ...common<LookupItem>(),
      text(F.standsAt, standsAt, { displayName: 'Progress' }),
      text(F.waiting, waitingDetail, { displayName: 'Waiting reason' }),
      time(F.expectedEnd, (row) => row.expected_end, { displayName: 'Expected end' }),
      ...ending<LookupItem>(),
    ],
    {
      preferredVisualisationType: 'table',
      notices: truncated ? notices(MORE, 'warning') : [],
      custom: { missing },
    },
  );
}

const MORE = ['Only part of the rows is shown: the query has reached its limit.'];

/** Runs of a time range. */
export function runsFrame(runs: readonly RunSummary[], truncated: boolean): DataFrame {
  return frameOf(
    FRAME_KINDS.runs,
    runs,
    [
      time('time', (row) => row.start_date ?? row.queued_at ?? row.logical_date, { displayName: 'Time' }),
      state(F.state, (row) => row.state),
      ...common<RunSummary>(),
      seconds('queue_seconds', (row) => row.queue_seconds, { displayName: 'Queued for' }),
      text(F.value, (row) => Object.values(row.keys).flat().join(', '), { displayName: 'Ids' }),
      time(F.logicalDate, (row) => row.logical_date, { displayName: 'Logical date' }),
      text('run_type', (row) => row.run_type, { displayName: 'Type' }),
      ...ending<RunSummary>(),
    ],
    { preferredVisualisationType: 'table', notices: truncated ? notices(MORE, 'warning') : [] },
  );
}
