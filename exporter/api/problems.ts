import type { Problem } from '../../shared/api.ts';

/** Every error that the API answers with. `type` is urn:runbeat:problem:<code>. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  not_found: { status: 404, title: 'There is nothing here' },
  unknown_source: { status: 404, title: 'There is no such source' },
  unknown_run: { status: 404, title: 'There is no such run' },
  no_log: { status: 404, title: 'There is no log to read' },
  method_not_allowed: { status: 405, title: 'This is only for GET' },
  internal: { status: 500, title: 'Something went wrong in the exporter' },
  source_unreachable: { status: 503, title: 'The observed database can not be read' },
  index_unreachable: { status: 503, title: "The exporter's index can not be read" },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

export class ApiError extends Error {
  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly errors?: Problem['errors'],
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

/** RFC 9457 body. */
export function problemOf(error: ApiError): Problem {
  const { status, title } = PROBLEMS[error.code];
  const type = `urn:runbeat:problem:${error.code.replaceAll('_', '-')}`;
  return { type, title, status, detail: error.message, ...(error.errors ? { errors: error.errors } : {}) };
}
