import type { Response } from 'express';
import { z } from 'zod';
import type { Problem } from '../../shared/api.ts';
import { ConflictError, InvalidError, NotFoundError, UserError } from '../errors.ts';
import { faultOf } from '../postgres/faults.ts';

/** Errors that every service may return. */
export const COMMON_PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'This token does not allow the request' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  conflict: { status: 409, title: 'The request conflicts with the current state' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_type: { status: 415, title: 'The type of the body is not supported' },
  unknown_host: { status: 421, title: 'This host name is not served' },
  internal: { status: 500, title: 'Something went wrong in the service' },
  unavailable: { status: 503, title: 'The service is temporarily unavailable' },
} as const;
type CommonCode = keyof typeof COMMON_PROBLEMS;

/** An error that is sent to the client (RFC 9457). Its `type` is urn:runbeat:problem:<code>. */
export class HttpError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly errors?: Problem['errors'],
  ) {
    super(detail);
    this.name = 'HttpError';
  }
}

export function httpError(code: CommonCode, detail: string, errors?: Problem['errors']): HttpError {
  const { status, title } = COMMON_PROBLEMS[code];
  return new HttpError(code, status, title, detail, errors);
}

export function problemOf(error: HttpError): Problem {
  const { status, title, message: detail, errors } = error;
  const type = `urn:runbeat:problem:${error.code.replaceAll('_', '-')}`;
  return { type, title, status, detail, ...(errors ? { errors } : {}) };
}

export function sendProblem(response: Response, error: HttpError): void {
  const problem = problemOf(error);
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** The response to any error. Internal errors reveal no details. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof NotFoundError) return httpError('not_found', error.message);
  if (error instanceof ConflictError) return httpError('conflict', error.message);
  if (error instanceof InvalidError)
    return httpError('invalid_request', error.message, [{ parameter: error.field, message: error.message }]);
  if (error instanceof UserError) return httpError('invalid_request', error.message);
  if (error instanceof z.ZodError) return invalid(error);
  if (error instanceof URIError)
    return httpError('invalid_request', 'The path contains a % that does not start a valid escape sequence.');
  if (faultOf(error) !== 'permanent')
    return httpError('unavailable', "The database can't be reached; try again in a moment.");
  return ofBodyParser(error) ?? httpError('internal', 'The cause is in the log of the service.');
}

function invalid(error: z.ZodError): HttpError {
  const errors = error.issues.flatMap(problemsOfIssue);
  const detail = errors.map(({ parameter, message }) => `${parameter}: ${message}`).join('; ');
  return httpError('invalid_request', detail, errors);
}

function problemsOfIssue(issue: z.core.$ZodIssue): { parameter: string; message: string }[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ parameter: [...path, key].join('.'), message: 'is not known here' }));
  if (path.length === 0 && issue.code === 'invalid_type')
    return [{ parameter: 'body', message: 'must be a JSON object' }];
  return [{ parameter: path.join('.') || 'body', message: issue.message }];
}

/** Express body parsers throw errors with a status. */
function ofBodyParser(error: unknown): HttpError | null {
  const { status, message } = error as { status?: number; message?: string };
  if (status === 413) return httpError('too_large', 'The body of the request is too large.');
  if (status === 415) return httpError('unsupported_type', 'Send JSON in UTF-8.');
  return status && status >= 400 && status < 500 ? httpError('invalid_request', message ?? 'Bad request') : null;
}
