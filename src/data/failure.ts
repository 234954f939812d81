import type { Problem } from '../../shared/api.ts';

/** Why an answer did not come, as far as a person's next step depends on it. */
export type FailureKind =
  /** Nobody listens at the data source's URL, or the way there is broken. */
  | 'unreachable'
  /** It answers, but too late. */
  | 'slow'
  /** The exporter wants another token. */
  | 'unauthorized'
  /** Grafana does not let this user ask. */
  | 'forbidden'
  /** The exporter knows no such run, DAG or source. */
  | 'not_found'
  /** The exporter understood the question and refused it. */
  | 'refused'
  /** What answers does not speak this API: another service, or an exporter of another version. */
  | 'not_an_exporter'
  /** It answered, with something that can't be shown: another version's shape, or a fault of ours. */
  | 'unreadable'
  /** The exporter is there and could not do it. */
  | 'broken';

export class ExporterFailure extends Error {
  override readonly name = 'ExporterFailure';
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly problem?: Problem,
  ) {
    super(message);
  }
}

interface FetchErrorLike {
  status?: number;
  statusText?: string;
  data?: unknown;
  cancelled?: boolean;
}

/** Reads what `getBackendSrv().fetch` rejects with. Grafana's proxy turns an upstream 401 into a 400 and a dead upstream into a 502. */
export function failureOf(error: unknown): ExporterFailure {
  if (error instanceof ExporterFailure) return error;
  const { status = 0, statusText, data } = (error ?? {}) as FetchErrorLike;
  const problem = problemOf(data);
  const said = problem ? wordsOf(problem) : plainWords(data, statusText);
  return new ExporterFailure(kindOf(status, problem, said), said, problem);
}

/** For what went wrong after an answer had come; a failure to get one stays what it is. */
export function unreadable(error: unknown): ExporterFailure {
  return error instanceof ExporterFailure
    ? error
    : new ExporterFailure('unreadable', error instanceof Error ? error.message : String(error));
}

export function isCancelled(error: unknown): boolean {
  return (error as FetchErrorLike | null)?.cancelled === true || (error as Error | null)?.name === 'AbortError';
}

function kindOf(status: number, problem: Problem | undefined, said: string): FailureKind {
  if (status === 401 || (status === 400 && /authentication to data source failed/i.test(said))) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 504 || status === 408) return 'slow';
  if (status === 0 || status === 502) return 'unreachable';
  if (status === 404) return problem ? 'not_found' : 'not_an_exporter';
  if (status >= 500) return 'broken';
  return problem ? 'refused' : 'not_an_exporter';
}

function problemOf(data: unknown): Problem | undefined {
  const problem = data as Partial<Problem> | null;
  const isProblem =
    typeof problem === 'object' && typeof problem?.title === 'string' && typeof problem.status === 'number';
  return isProblem ? (problem as Problem) : undefined;
}

function wordsOf(problem: Problem): string {
  const errors = (problem.errors ?? []).map(({ parameter, message }) => `${parameter}: ${message}`);
  return errors.length > 0 ? errors.join('; ') : problem.detail || problem.title;
}

function plainWords(data: unknown, statusText: string | undefined): string {
  const message = (data as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return message;
  return typeof data === 'string' && data.length < 300 && !data.includes('<') ? data : (statusText ?? '');
}
