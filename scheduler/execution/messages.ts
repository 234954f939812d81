/** Messages from the worker to a task thread: import code, or run one try. */
export type ThreadRequest = { type: 'load'; bundleFile: string } | RunMessage;

export interface RunMessage {
  type: 'run';
  /** Number of the try in this worker, which all answers of the thread repeat. */
  attempt: number;
  /** When the worker sent this, in milliseconds of the monotonic clock that all threads share (sharedNow). */
  givenAt: number;
  /** Whether the thread should report immediately when it calls the function. */
  tellStart: boolean;
  /** The file with the DAG's code. */
  bundleFile: string;
  dagId: string;
  runId: string;
  taskId: string;
  tryNumber: number;
  /** RFC 3339. */
  logicalDate: string | null;
  /** JSON text. */
  conf: string;
  databaseUrl: string;
  /** Number of characters of output to keep at the start, and the same number at the end. */
  logHalf: number;
}

/** A run that a trigger's function requests. */
export interface WantedRun {
  runId: string | null;
  /** JSON text. */
  conf: string;
  /** RFC 3339. */
  logicalDate: string | null;
}

/** How a function ended. `value` is the result of a sensor. */
export type FunctionResult =
  | { outcome: 'success'; value: boolean; runs: WantedRun[] }
  | { outcome: 'skipped'; reason: string }
  | { outcome: 'failed'; message: string; isFinal: boolean };

/** Messages from a task thread to the worker. */
export type ThreadMessage =
  | { type: 'started'; attempt: number; handOverMs: number }
  | { type: 'log'; attempt: number; text: string }
  | Done
  /** The code was imported, or could not be. */
  | { type: 'loaded'; bundleFile: string; isThere: boolean }
  /** Something that an earlier try left behind has failed. */
  | { type: 'stray'; reason: string };

export interface Done {
  type: 'done';
  attempt: number;
  /** Milliseconds from when the worker sent the request until the function was called; null if it was not called. */
  handOverMs: number | null;
  result: FunctionResult;
  /** The end of the output, and the number of characters that were dropped before it. */
  tail: string;
  dropped: number;
  /** Why the thread must not run anything else, or null. */
  spent: string | null;
}

/** Validates a message from a task thread; null if the code of a task posted it. */
export function readThreadMessage(value: unknown): ThreadMessage | null {
  if (!isRecord(value)) return null;
  const { type, attempt, text, reason, bundleFile, isThere, handOverMs } = value;
  if (type === 'loaded') return typeof bundleFile === 'string' ? { type, bundleFile, isThere: isThere === true } : null;
  if (type === 'stray') return typeof reason === 'string' ? { type, reason } : null;
  if (typeof attempt !== 'number') return null;
  if (type === 'started') return typeof handOverMs === 'number' ? { type, attempt, handOverMs } : null;
  if (type === 'log') return typeof text === 'string' ? { type, attempt, text } : null;
  return type === 'done' ? readDone(value, attempt) : null;
}

function readDone(done: Record<string, unknown>, attempt: number): Done | null {
  const { result, tail, dropped } = done;
  const read = isRecord(result) ? readResult(result) : null;
  if (!read || typeof tail !== 'string' || typeof dropped !== 'number') return null;
  const handOverMs = typeof done.handOverMs === 'number' ? done.handOverMs : null;
  const spent = typeof done.spent === 'string' ? done.spent : null;
  return { type: 'done', attempt, handOverMs, result: read, tail, dropped, spent };
}

function readResult({
  outcome,
  value,
  runs,
  reason,
  message,
  isFinal,
}: Record<string, unknown>): FunctionResult | null {
  if (outcome === 'success' && Array.isArray(runs) && runs.every(isWantedRun))
    return { outcome, value: value === true, runs };
  if (outcome === 'skipped' && typeof reason === 'string') return { outcome, reason };
  if (outcome === 'failed' && typeof message === 'string') return { outcome, message, isFinal: isFinal === true };
  return null;
}

function isWantedRun(value: unknown): value is WantedRun {
  if (!isRecord(value)) return false;
  const isTextOrNull = (field: unknown): boolean => field === null || typeof field === 'string';
  return typeof value.conf === 'string' && isTextOrNull(value.runId) && isTextOrNull(value.logicalDate);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Milliseconds of a clock that all threads of a process share; performance.now() has a different origin in each thread. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
