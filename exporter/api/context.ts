import type { PromiseConfiguration, RunLinks, RunSummary } from '../../shared/api.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { FoundRun, IndexReader } from '../index/reader.ts';
import type { JourneyReader } from '../index/journeyReader.ts';
import type { PromiseReader } from '../index/promiseReader.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { RunRow } from '../sources/rows.ts';
import { describeError, isUntranslatable } from '../sources/errors.ts';
import { runLinks } from './links.ts';
import { ApiError } from './problems.ts';
import { seconds, timestamp } from './time.ts';
import { runWaiting } from './waiting.ts';

/** Everything that the endpoints read from. */
export interface ApiContext {
  index: IndexReader;
  journeys: JourneyReader;
  verdicts: PromiseReader;
  /** Result of the last load of runbeat.yaml. */
  configuration: () => PromiseConfiguration;
  sources: readonly SourceObserver[];
}

export function sourceNamed(context: ApiContext, name: string): SourceObserver {
  const found = context.sources.find((source) => source.name === name);
  if (found) return found;
  const known = context.sources.map((source) => source.name).join(', ');
  throw new ApiError('unknown_source', `There is no source "${name}"; there are: ${known}.`);
}

/** Throws if a list is empty because there is no such source. What the index has of a source that was removed is listed. */
export function refuseUnknownSource(context: ApiContext, source: string | undefined, found: readonly unknown[]): void {
  if (source !== undefined && found.length === 0) sourceNamed(context, source);
}

/** Reads from an observed database, all in one snapshot. A failure there is answered with 503, not 500. */
export async function readSource<Result>(
  source: SourceObserver,
  use: (reader: SourceReader) => Promise<Result>,
): Promise<Result> {
  try {
    return await source.readAtOnce(use);
  } catch (error) {
    if (isUntranslatable(error)) {
      throw new ApiError(
        'unknown_run',
        `The database of source "${source.name}" can't hold every character of the request: ${describeError(error)}.`,
      );
    }
    throw new ApiError(
      'source_unreachable',
      `The database of source "${source.name}" can't be read: ${describeError(error)}.`,
    );
  }
}

export function linksOf(
  context: ApiContext,
  run: { source: string; dag_id: string; run_id: string; logical_us: number | null },
  gone = false,
): RunLinks {
  const source = context.sources.find((other) => other.name === run.source);
  if (gone) return runLinks(run, 'unknown', null);
  return runLinks(run, source?.status().kind ?? 'unknown', source?.config.uiUrl ?? null);
}

/** A run as the API returns it; `gone` if its source no longer has it. An unfinished run is measured up to now by its source's clock. */
export function summaryOf(
  context: ApiContext,
  source: string,
  run: RunRow | FoundRun,
  keys: Record<string, string[]>,
  gone = false,
): RunSummary {
  const observer = context.sources.find((other) => other.name === source);
  const now = Math.round(observer?.nowUs ?? Date.now() * 1000);
  const tracked = observer?.active.get(run.id);
  return {
    source,
    dag_id: run.dag_id,
    run_id: run.run_id,
    run_type: run.run_type,
    logical_date: timestamp(run.logical_us),
    state: run.state,
    queued_at: timestamp(run.queued_us),
    start_date: timestamp(run.start_us),
    end_date: timestamp(run.end_us),
    duration_seconds: seconds(run.start_us, run.end_us ?? now),
    queue_seconds: seconds(run.queued_us, run.start_us),
    now: timestamp(now),
    expected_end: timestamp(tracked ? observer!.expectedEnd(tracked) : null),
    waiting: tracked ? runWaiting(observer!, tracked.run) : null,
    keys,
    gone,
    links: linksOf(context, { ...run, source }, gone),
  };
}
