import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { DatabaseTarget, Endpoint } from './url.ts';

/** PostgreSQL's SSLRequest: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Opens a socket to the first endpoint that accepts it, with TLS according to `sslmode`. Rejects with the last failure. */
export async function dial(target: DatabaseTarget, signal: AbortSignal): Promise<net.Socket> {
  let failure: unknown;
  for (const endpoint of target.endpoints) {
    if (signal.aborted) break;
    try {
      return await dialEndpoint(target, endpoint, signal);
    } catch (error) {
      failure = error;
    }
  }
  throw failure ?? new Error('Connection terminated');
}

async function dialEndpoint(target: DatabaseTarget, endpoint: Endpoint, signal: AbortSignal): Promise<net.Socket> {
  const plain = await connect(endpoint, signal);
  // libpq never encrypts a Unix socket, and `allow` first tries without TLS.
  if (endpoint.host.startsWith('/') || target.sslMode === 'disable' || target.sslMode === 'allow') return plain;
  const mayStayPlain = target.sslMode === 'prefer';
  try {
    if (await offersTls(plain, signal)) return await secure(plain, endpoint.host, target, signal);
  } catch (error) {
    plain.destroy();
    if (mayStayPlain && !signal.aborted) return connect(endpoint, signal);
    throw error;
  }
  if (mayStayPlain) return plain;
  plain.destroy();
  throw new Error(`The server ${endpoint.host} does not offer TLS, which sslmode=${target.sslMode} requires`);
}

function connect({ host, port }: Endpoint, signal: AbortSignal): Promise<net.Socket> {
  const socket = host.startsWith('/')
    ? net.connect(path.join(host, `.s.PGSQL.${port}`))
    : net.connect({ host, port, noDelay: true });
  return settled(socket, 'connect', signal);
}

async function offersTls(socket: net.Socket, signal: AbortSignal): Promise<boolean> {
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(SSL_REQUEST);
  const closed = settled(socket, 'end', signal).then(() => {
    throw Object.assign(new Error('Connection terminated while TLS was requested'), { code: 'ECONNRESET' });
  });
  const [byte] = await Promise.race([answer, closed]);
  closed.catch(() => undefined);
  return byte === 'S'.charCodeAt(0);
}

function secure(socket: net.Socket, host: string, target: DatabaseTarget, signal: AbortSignal): Promise<tls.TLSSocket> {
  return settled(tls.connect({ socket, host, ...serverName(host), ...tlsOptions(target) }), 'secureConnect', signal);
}

/** An IP address is not a valid server name (RFC 6066). */
function serverName(host: string): { servername?: string } {
  return net.isIP(host) === 0 ? { servername: host } : {};
}

export function tlsOptions(target: DatabaseTarget): tls.ConnectionOptions {
  const { sslMode, sslRootCert, sslCert, sslKey, sslPassword } = target;
  const ownAuthority = sslRootCert !== null && sslRootCert !== 'system';
  // As in libpq, `require` verifies like verify-ca if a root certificate is given.
  const verifies = sslMode.startsWith('verify') || (sslMode === 'require' && ownAuthority);
  return {
    rejectUnauthorized: verifies,
    ...(ownAuthority && verifies ? { ca: readFileSync(sslRootCert) } : {}),
    ...(verifies && sslMode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...(sslCert && sslKey ? { cert: readFileSync(sslCert), key: readFileSync(sslKey) } : {}),
    ...(sslPassword ? { passphrase: sslPassword } : {}),
  };
}

/** Resolves at the event. Rejects and destroys the socket at an error, or when `signal` aborts. */
function settled<Socket extends net.Socket>(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => (): void => {
      socket.off(event, succeed).off('error', fail);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const succeed = done(() => resolve(socket));
    const fail = (error: Error): void => done(() => reject(error))();
    const abort = (): void => {
      // The caller that aborted reports its own error. This error only rejects the promise.
      socket.on('error', () => undefined).destroy();
      done(() => reject(new Error('Connection terminated')))();
    };
    socket.on(event, succeed).on('error', fail);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}
