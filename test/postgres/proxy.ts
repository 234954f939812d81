import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The message at the end of a login: the server is ready for a query, outside of a transaction. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** A proxy for a PostgreSQL that can fail like a network. */
export class Proxy {
  /** How many more connections to cut right after their login. */
  logins = 0;
  private readonly sockets = new Set<Socket>();
  private isBlackHole = false;

  private constructor(
    private readonly server: Server,
    /** The database's URL through this proxy. */
    readonly url: string,
  ) {}

  static async open(databaseUrl: string): Promise<Proxy> {
    const target = new URL(databaseUrl);
    const server = createServer((client) => proxy.carry(client, connect(Number(target.port), target.hostname)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new Proxy(server, url.href);
    return proxy;
  }

  /** From now on, nothing is forwarded and nothing is closed, as when a machine disappears from the network. */
  vanish(): void {
    this.isBlackHole = true;
  }

  /** New connections are forwarded again. The old ones stay dead. */
  comeBack(): void {
    this.isBlackHole = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(client: Socket, server: Socket): void {
    let isDead = this.isBlackHole;
    const forward = (from: Socket, to: Socket, look?: (data: Buffer) => void): void => {
      this.sockets.add(from);
      from.on('data', (data: Buffer) => {
        isDead ||= this.isBlackHole;
        if (isDead) return;
        to.write(data);
        look?.(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        if (!isDead) to.destroy();
      });
    };
    forward(client, server);
    forward(server, client, (data) => {
      if (this.logins === 0 || !data.includes(READY_FOR_QUERY)) return;
      this.logins--;
      // The client can read the end of its login first.
      client.end();
      server.destroy();
    });
  }
}
