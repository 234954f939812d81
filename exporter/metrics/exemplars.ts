import type { Micros } from '../sources/rows.ts';

/** An observation that stands for those of its bucket, and leads to the run in which it happened. */
export interface Exemplar {
  run_id: string;
  /** Of the task that was observed; absent where it was the whole run. */
  task_id?: string;
  us: Micros;
  /** When it was observed, by the clock of the observed database. */
  at_us: Micros;
}

/** Of the names and values of an exemplar's labels together, in characters (OpenMetrics 1.0). */
const LABELS_LIMIT = 128;

/** The newer of two exemplars of one bucket: Prometheus refuses one that is older than what it has. Of two at once, the slower. */
export function newerExemplar(before: Exemplar | undefined, next: Exemplar): Exemplar {
  if (!before || next.at_us > before.at_us) return next;
  return next.at_us === before.at_us && next.us > before.us ? next : before;
}

/**
 * The labels that fit: a task is left out before a run. Null where not even the id of the run fits, because a part of it would
 * lead nowhere.
 */
export function exemplarLabels({ run_id, task_id }: Exemplar): Record<string, string> | null {
  const candidates: Record<string, string>[] = [...(task_id === undefined ? [] : [{ run_id, task_id }]), { run_id }];
  return candidates.find((labels) => lengthOf(labels) <= LABELS_LIMIT) ?? null;
}

function lengthOf(labels: Record<string, string>): number {
  return [...Object.entries(labels).flat().join('')].length;
}
