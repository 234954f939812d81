import type { RequestHandler } from 'express';
import { httpError } from './problem.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Whether only programs of this machine reach what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Refuses requests for other host names on loopback. Without this, a web page that a person on this machine visits can have
 * its own name resolve to 127.0.0.1 and read the answers (DNS rebinding). Beyond loopback the token protects, and any
 * name is served unless some are given.
 */
export function requireKnownHost(listenHost: string, allowed: readonly string[] = []): RequestHandler {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  if (isLoopback(listenHost)) for (const name of [...LOOPBACK_NAMES, listenHost.toLowerCase()]) names.add(name);
  return (request, _response, next) => {
    const host = nameOf(request.headers.host);
    if (names.size === 0 || host === null || names.has(host)) return next();
    throw httpError('unknown_host', 'This host name is not served here; RUNBEAT_ALLOWED_HOSTS lists further ones.');
  };
}

/** `Host` without port and brackets, in lower case; null where there is none. */
function nameOf(header: string | undefined): string | null {
  if (!header) return null;
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header.trim());
  return (match?.[1] ?? match?.[2] ?? header).toLowerCase();
}
