import type { Problem } from '../../shared/api.ts';
import { COMMON_PROBLEMS, HttpError } from '../../platform/http/problem.ts';

const { invalid_request, unauthorized, not_found, method_not_allowed, unknown_host, internal } = COMMON_PROBLEMS;

/** Every error that the API answers with. */
export const PROBLEMS = {
  invalid_request,
  unauthorized,
  not_found,
  unknown_source: { status: 404, title: 'There is no such source' },
  unknown_run: { status: 404, title: 'There is no such run' },
  no_log: { status: 404, title: 'There is no log to read' },
  method_not_allowed,
  unknown_host,
  internal,
  source_unreachable: { status: 503, title: "The observed database can't be read" },
  index_unreachable: { status: 503, title: "The exporter's index can't be read" },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

export class ApiError extends HttpError {
  constructor(code: ProblemCode, detail: string, errors?: Problem['errors']) {
    super(code, PROBLEMS[code].status, PROBLEMS[code].title, detail, errors);
    this.name = 'ApiError';
  }
}
