import type { Socket } from 'node:net';
import pg from 'pg';
import { UserError } from '../errors.ts';
import { libpqSettings } from './config.ts';
import { dial } from './dial.ts';
import { lookUpPassword } from './passFile.ts';
import { serverFor } from './sessionAttributes.ts';
import { readPasswordFile, type DatabaseTarget } from './url.ts';

/** The parts of the driver's connection that are replaced here. The driver's types lack them. */
interface Wire {
  stream: Socket;
  _connecting: boolean;
  _ending: boolean;
  attachListeners(stream: Socket): void;
}

export interface TargetConfig extends pg.ClientConfig {
  target: DatabaseTarget;
}

/**
 * Extends the driver's connection by libpq's ways to reach a server: several hosts, Unix sockets and every `sslmode`. The driver
 * itself supports only one host, and does not support TLS as an option (`prefer`).
 */
class DialledConnection extends pg.Connection {
  private dialled = false;

  constructor(private readonly config: TargetConfig) {
    super(config);
  }

  /** Called by the driver with a stream that stays unconnected. If the driver destroys it, the attempt is given up. */
  connect(): void {
    const wire = this as unknown as Wire;
    const given = wire.stream;
    wire._connecting = true;
    const abort = new AbortController();
    let reason: Error | undefined;
    given.once('error', (error: Error) => (reason = error)).once('close', () => abort.abort());
    const dialled = serverFor(this.config.target, abort.signal, (target) => this.probe(target)).then((target) =>
      dial(target, abort.signal),
    );
    dialled.then(
      (socket) => this.use(socket),
      (error: Error) => {
        this.emit('error', reason ?? error);
        this.emit('end');
      },
    );
  }

  /** A client for one question to a server before it is chosen. */
  private probe(target: DatabaseTarget): pg.Client {
    const { password } = this.config;
    return new TargetClient({ ...this.config, password, target });
  }

  override end(): void {
    const wire = this as unknown as Wire;
    if (this.dialled) return super.end();
    wire._ending = true;
    wire.stream.destroy();
  }

  private use(socket: Socket): void {
    const wire = this as unknown as Wire;
    if (wire._ending) return void socket.destroy();
    this.dialled = true;
    wire.stream = socket;
    socket.setKeepAlive(this.config.keepAlive ?? false, this.config.keepAliveInitialDelayMillis);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (wire._ending && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return;
      this.emit('error', error);
    });
    socket.on('close', () => this.emit('end'));
    wire.attachListeners(socket);
    this.emit('connect');
  }
}

/** A client of the driver that reaches its server as libpq would. */
export class TargetClient extends pg.Client {
  constructor(config: TargetConfig) {
    // A pool hides the password from copies of its options.
    super({ ...config, password: config.password, connection: new DialledConnection(config) } as pg.ClientConfig);
  }
}

/** Settings of the driver that come from the URL. */
export function configOf(target: DatabaseTarget): TargetConfig {
  const [first] = target.endpoints;
  return {
    target,
    host: first!.host,
    port: first!.port,
    user: target.user ?? undefined,
    database: target.database ?? undefined,
    password: passwordOf(target),
    // TLS is negotiated before the driver sees the socket.
    ssl: false,
    ...(target.options ? { options: target.options } : {}),
  };
}

/** Reads the password at each connection, so that a changed file needs no restart. The order of places is libpq's. */
function passwordOf(target: DatabaseTarget): pg.ClientConfig['password'] {
  const settings = libpqSettings();
  const { passwordFile } = target;
  if (passwordFile !== null) return () => readPasswordFile(passwordFile);
  const known = target.password ?? settings.password;
  if (known !== null) return known;
  const file = target.passFile ?? settings.passFile;
  // The driver passes the connection parameters, which its types lack.
  const lookUp = ({ user, database }: pg.ConnectionConfig): string => {
    for (const endpoint of target.endpoints) {
      const found = lookUpPassword(file, endpoint, database ?? '', user ?? '');
      if (found !== null) return found;
    }
    throw new UserError(
      `The database asks for a password, but neither its URL nor ${file} contains one`,
      'Add ?password_file=/path/of/a/file to the URL, or set PGPASSFILE.',
    );
  };
  return lookUp as () => string;
}
