import type { Problem } from '../../shared/api.ts';

/** Why a request failed, by what a person has to do next. */
export type FailureKind =
  /** Nothing listens at the data source's URL, or the connection is broken. */
  | 'unreachable'
  /** The answer takes too long. */
  | 'slow'
  /** The exporter requires another token. */
  | 'unauthorized'
  /** Grafana does not allow this user to query. */
  | 'forbidden'
  /** The run, DAG or source does not exist. */
  | 'not_found'
  /** The exporter rejected the request. */
  | 'refused'
  /** The answer does not come from this API, but from another service, or an exporter of another version. */
  | 'not_an_exporter'
  /** The answer can't be shown, because it comes from another version, or because of a bug. */
  | 'unreadable'
  /** The exporter failed. */
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

/** Converts errors of `getBackendSrv().fetch`. Grafana's proxy turns an upstream 401 into a 400, and an unreachable upstream into a 502. */
export function failureOf(error: unknown): ExporterFailure {
  if (error instanceof ExporterFailure) return error;
  const { status = 0, statusText, data } = (error ?? {}) as FetchErrorLike;
  const problem = problemOf(data);
  const said = problem ? wordsOf(problem) : plainWords(data, statusText);
  return new ExporterFailure(kindOf(status, problem, said), said, problem);
}

/** Converts errors that occur after an answer has arrived. Failures to get an answer stay unchanged. */
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
