/** What the worker tells a task thread: code to have ready, or one attempt to run. */
export type ThreadRequest = { type: 'load'; bundleFile: string } | RunMessage;

export interface RunMessage {
  type: 'run';
  /** Number of the attempt in this worker; everything that the thread answers carries it. */
  attempt: number;
  /** When the worker gave it to the thread, in milliseconds of the machine's monotonic clock, which all threads share. */
  givenAt: number;
  /** Whether the worker wants to know at once when the function is called. */
  tellStart: boolean;
  /** The DAG's code, as a file. */
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
  /** Characters of output to keep at the start, and as many at the end. */
  logHalf: number;
}

/** A run that a trigger's function wants to have started. */
export interface WantedRun {
  runId: string | null;
  /** JSON text. */
  conf: string;
  /** RFC 3339. */
  logicalDate: string | null;
}

/** How a function ended. `value` is a sensor's answer. */
export type FunctionResult =
  | { outcome: 'success'; value: boolean; runs: WantedRun[] }
  | { outcome: 'skipped'; reason: string }
  | { outcome: 'failed'; message: string; isFinal: boolean };

/** What a task thread tells the worker. */
export type ThreadMessage =
  | { type: 'started'; attempt: number; handOverMs: number }
  | { type: 'log'; attempt: number; text: string }
  | Done
  /** The code is there, or could not be imported. */
  | { type: 'loaded'; bundleFile: string; isThere: boolean }
  /** Something that an earlier attempt left behind failed. */
  | { type: 'stray'; reason: string };

export interface Done {
  type: 'done';
  attempt: number;
  /** From when it was given to the thread until its function was called; null where it was not. */
  handOverMs: number | null;
  result: FunctionResult;
  /** The end of the output, after so many dropped characters. */
  tail: string;
  dropped: number;
  /** Why the thread may run nothing else, or null. */
  spent: string | null;
}

/** A message as one of a task thread; null for what a task posted by itself. */
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

/** Milliseconds of a clock that all threads of a process share; performance.now() has an origin in each. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
