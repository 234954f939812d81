import type { RequestHandler } from 'express';
import { httpError } from './problem.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Whether only programs on this machine can reach this address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Refuses requests for unknown host names on loopback. Otherwise, a web page that is open on this machine could let its own name
 * resolve to 127.0.0.1 and read the responses (DNS rebinding). Beyond loopback, the token protects, and any name is accepted unless
 * a list is given.
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

/** The host name in the header `Host`, without port and brackets, in lower case; null if there is none. */
function nameOf(header: string | undefined): string | null {
  if (!header) return null;
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header.trim());
  return (match?.[1] ?? match?.[2] ?? header).toLowerCase();
}
