import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ApiError } from './problems.ts';

/** Lets requests with the right Bearer token through. Digests are compared, so neither content nor length leaks by time. */
export function requireToken(token: string | null): RequestHandler {
  const wanted = token === null ? null : digest(token);
  return (request, response, next) => {
    if (wanted === null) return next();
    const [scheme, given] = (request.headers.authorization ?? '').split(' ', 2);
    if (scheme?.toLowerCase() === 'bearer' && given && timingSafeEqual(digest(given), wanted)) return next();
    response.set('WWW-Authenticate', 'Bearer');
    throw new ApiError('unauthorized', 'Send the header "Authorization: Bearer <RUNBEAT_API_TOKEN>".');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
