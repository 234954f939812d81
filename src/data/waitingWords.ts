import type { Waiting, WaitingReason } from '../../shared/api.ts';
import { formatSeconds } from './duration.ts';
import { epochOf } from './upstreamEnds.ts';

/** Each reason in a few words, for places without room for the exporter's sentence. */
const SHORT: Record<WaitingReason, string> = {
  scheduler: 'scheduler overdue',
  upstream: 'upstream tasks',
  depends_on_past: 'the previous run',
  executor: 'the executor',
  pool_full: 'pool full',
  pool_unusable: 'pool unusable',
  max_active_tasks: 'task limit of the DAG',
  task_limit: 'limit of the task',
  task_limit_per_run: 'limit of the task in this run',
  outranked: 'behind other tasks',
  parallelism: 'executor full',
  max_active_runs: 'run limit of the DAG',
  run_queued: 'its run is queued',
  dag_paused: 'DAG paused',
  dag_missing: 'DAG missing',
  backfill_paused: 'backfill paused',
  backfill_process: 'its backfill process',
  not_due: 'not due yet',
  retry: 'retry',
  next_poke: 'next poke',
  trigger: 'its trigger',
  input: 'a person’s answer',
  restarting: 'restarting',
  unknown: 'reason not recorded',
};

/** `pool full for 12.0 s`, `retry in 1 min 30 s`: by the source's clock `now`, in epoch milliseconds. */
export function waitingShort(waiting: Waiting, now: number | null): string {
  // An exporter that is newer than the plugin may have further reasons.
  const words = SHORT[waiting.reason] ?? waiting.reason;
  const [since, until] = [epochOf(waiting.since), epochOf(waiting.until)];
  if (now === null) return words;
  if (until !== null && until > now) return `${words} in ${formatSeconds((until - now) / 1000)}`;
  return since === null ? words : `${words} for ${formatSeconds(Math.max(0, now - since) / 1000)}`;
}

/** Whether a person has to end the wait, because the source will not. */
export function needsPerson({ reason }: Waiting): boolean {
  return NEEDS_PERSON.includes(reason);
}

const NEEDS_PERSON: readonly WaitingReason[] = [
  'scheduler',
  'pool_unusable',
  'dag_paused',
  'dag_missing',
  'backfill_paused',
  'input',
];
