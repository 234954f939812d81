import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { httpError } from './problem.ts';

/** The tokens that are valid now, and the setting that they come from. They may change while the service is running. */
export interface Tokens {
  setting: string;
  valid(): readonly string[];
}

export interface Access {
  /** Null if everyone may read. */
  read: Tokens | null;
  /** Null if no one may write. */
  write: Tokens | null;
}

/**
 * Requires a valid token as `Authorization: Bearer <token>`. A token for writing also allows reading. A token for reading is answered
 * with 403 if the request would change something.
 */
export function requireToken({ read, write }: Access): RequestHandler {
  return (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && read === null) return next();
    const given = bearerOf(request.headers.authorization);
    const mayWrite = given !== null && isValid(given, write);
    if (mayWrite) return next();
    const mayRead = given !== null && isValid(given, read);
    if (mayRead && reads) return next();
    const setting = (reads ? read : write)?.setting ?? 'RUNBEAT_API_TOKEN';
    if (mayRead) throw httpError('forbidden', `This token allows only reading; send the token of ${setting}.`);
    response.set('WWW-Authenticate', 'Bearer');
    throw httpError('unauthorized', `Send the header "Authorization: Bearer <${setting}>".`);
  };
}

function bearerOf(header: string | undefined): string | null {
  const [scheme, given] = (header ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && given ? given : null;
}

/** Compares digests, so that the response time reveals neither content nor length. */
function isValid(given: string, tokens: Tokens | null): boolean {
  const wanted = digest(given);
  return (tokens?.valid() ?? []).some((token) => timingSafeEqual(digest(token), wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** One token that does not change. */
export function fixedToken(setting: string, token: string): Tokens {
  return { setting, valid: () => [token] };
}
