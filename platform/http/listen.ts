import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../errors.ts';
import type { ListenAddress } from '../settings.ts';

/**
 * Longer than the 90 s for which Go clients (Prometheus, Grafana's proxy) keep an idle connection. With Node's default of 5 s, a
 * request may be sent just when its connection is closed, and fail.
 */
const KEEP_ALIVE_MS = 95_000;

export interface HttpServer {
  url: string;
  /** Stops listening and ends open connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Listens; port 0 means any free port. Rejects with a UserError that names `setting` if the address can't be used. */
export async function listen(app: RequestListener, address: ListenAddress, setting: string): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, address, setting)));
    server.listen(address.port, address.host, () => resolve());
  });
  const { address: host, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  let closing: Promise<void> | null = null;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => (closing ??= close()),
  };
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenAddress, setting: string): Error {
  if (error.code === 'EADDRINUSE')
    return new UserError(
      `Port ${port} on ${host} is in use.`,
      `Set ${setting} to another port, or stop the program that listens there.`,
    );
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new UserError(
      `This machine has no address ${host}.`,
      `Set ${setting} to an address of this machine, such as 127.0.0.1:${port}.`,
    );
  if (error.code === 'EACCES')
    return new UserError(`Port ${port} may not be used by this user.`, `Set ${setting} to a port above 1023.`);
  return error;
}
