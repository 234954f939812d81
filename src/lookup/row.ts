import { dateTime, type DataFrame } from '@grafana/data';
import type { LookupItem, RunSummary } from '../../shared/api.ts';
import { LOOKUP_FIELDS as FIELDS } from '../data/frameFields.ts';
import { plainLink } from '../data/protectedLink.ts';
import { rowReader } from '../data/readFrame.ts';
import { epochOf } from '../data/upstreamEnds.ts';
import { standsAt, waitingDetail } from './standsAt.ts';

/** One found run, as the lookup page and the lookup panel show it. Times are epoch milliseconds. */
export interface LookupRow {
  source: string;
  key: string;
  value: string;
  dagId: string;
  runId: string;
  logicalDate: number | null;
  state: string | null;
  startDate: number | null;
  endDate: number | null;
  durationSeconds: number | null;
  /** Its progress in words; null if nothing is known. */
  standsAt: string | null;
  /** Why it does not proceed, as a sentence; null if nothing holds it back, or that is unknown. */
  waiting: string | null;
  graphUrl: string | null;
  ganttUrl: string | null;
  externalUrl: string | null;
  /** Whether its source no longer has it. */
  gone: boolean;
}

export function rowKey(row: LookupRow): string {
  return JSON.stringify([row.source, row.dagId, row.runId, row.key, row.value]);
}

export function rowOfItem(item: LookupItem): LookupRow {
  return {
    source: item.source,
    key: item.key,
    value: item.value,
    dagId: item.dag_id,
    runId: item.run_id,
    logicalDate: epochOf(item.logical_date),
    state: item.state,
    startDate: epochOf(item.start_date),
    endDate: epochOf(item.end_date),
    durationSeconds: item.duration_seconds,
    standsAt: standsAt(item),
    waiting: waitingDetail(item),
    graphUrl: item.links.graph,
    ganttUrl: item.links.gantt,
    externalUrl: item.links.external,
    gone: item.gone,
  };
}

/** A run from a list, with all of its ids. */
export function rowOfRun(run: RunSummary): LookupRow {
  return {
    source: run.source,
    key: Object.keys(run.keys).join(', '),
    value: Object.values(run.keys).flat().join(', '),
    dagId: run.dag_id,
    runId: run.run_id,
    logicalDate: epochOf(run.logical_date),
    state: run.state,
    startDate: epochOf(run.start_date),
    endDate: epochOf(run.end_date),
    durationSeconds: run.duration_seconds,
    standsAt: null,
    waiting: run.waiting?.detail ?? null,
    graphUrl: run.links.graph,
    ganttUrl: run.links.gantt,
    externalUrl: run.links.external,
    gone: run.gone,
  };
}

/** Whether a frame names runs well enough to be listed. */
export function isLookupFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(FIELDS.dagId) && names.has(FIELDS.runId);
}

/** Rows of the query types "Lookup" and "Runs"; frames of other shapes are ignored. */
export function rowsOfFrames(frames: readonly DataFrame[]): LookupRow[] {
  return frames.filter(isLookupFrame).flatMap((frame) => {
    const row = rowReader(frame);
    return Array.from({ length: frame.length }, (_, at): LookupRow => ({
      source: row.text(FIELDS.source, at) ?? '',
      key: row.text(FIELDS.key, at) ?? '',
      value: row.text(FIELDS.value, at) ?? '',
      dagId: row.text(FIELDS.dagId, at) ?? '',
      runId: row.text(FIELDS.runId, at) ?? '',
      logicalDate: row.number(FIELDS.logicalDate, at),
      state: row.text(FIELDS.state, at),
      startDate: row.number(FIELDS.startDate, at),
      endDate: row.number(FIELDS.endDate, at),
      durationSeconds: row.number(FIELDS.durationSeconds, at),
      standsAt: row.text(FIELDS.standsAt, at),
      waiting: row.text(FIELDS.waiting, at),
      graphUrl: plainLink(row.text(FIELDS.graphUrl, at)),
      ganttUrl: plainLink(row.text(FIELDS.ganttUrl, at)),
      externalUrl: row.text(FIELDS.externalUrl, at),
      gone: row.text(FIELDS.gone, at) === 'true',
    }));
  });
}

/** The moment that rows are sorted by: the logical date, otherwise the start. */
export function rowMoment(row: LookupRow): number | null {
  return row.logicalDate ?? row.startDate;
}

/** ISO text of a moment for a CSV; empty for none. */
export function isoOf(at: number | null): string {
  return at === null ? '' : dateTime(at).toISOString();
}
