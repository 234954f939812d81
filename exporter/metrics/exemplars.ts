import type { Micros } from '../sources/rows.ts';

/** An observation that represents its bucket, with a reference to its run. */
export interface Exemplar {
  run_id: string;
  /** The observed task; absent if the whole run was observed. */
  task_id?: string;
  us: Micros;
  /** When it was observed, by the clock of the observed database. */
  at_us: Micros;
}

/** Maximum total length of the names and values of an exemplar's labels, in characters (OpenMetrics 1.0). */
const LABELS_LIMIT = 128;

/** The newer of two exemplars of one bucket, because Prometheus refuses older ones. If both have the same time, the slower one. */
export function newerExemplar(before: Exemplar | undefined, next: Exemplar): Exemplar {
  if (!before || next.at_us > before.at_us) return next;
  return next.at_us === before.at_us && next.us > before.us ? next : before;
}

/**
 * The labels that fit into the limit: if necessary, without the task. Null if not even the run's id fits, because a truncated id
 * would be useless.
 */
export function exemplarLabels({ run_id, task_id }: Exemplar): Record<string, string> | null {
  const candidates: Record<string, string>[] = [...(task_id === undefined ? [] : [{ run_id, task_id }]), { run_id }];
  return candidates.find((labels) => lengthOf(labels) <= LABELS_LIMIT) ?? null;
}

function lengthOf(labels: Record<string, string>): number {
  return [...Object.entries(labels).flat().join('')].length;
}
