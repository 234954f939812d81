import { existsSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateBinaries } from '../../platform/postgres/binaries.ts';
import { openClient } from '../../platform/postgres/connect.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { Child } from '../../platform/processes/child.ts';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((file) =>
  existsSync(file),
);

export interface PgBouncer {
  /** The URL of a database through the pooler. */
  urlOf(direct: string): string;
  stop(): Promise<void>;
}

export type PoolMode = 'session' | 'transaction' | 'statement';

/** A real PgBouncer in front of a server, with so few connections that its clients must share them. */
export async function startPgBouncer(serverUrl: string, mode: PoolMode, poolSize: number): Promise<PgBouncer> {
  if (!PROGRAM) throw new Error('These tests need PgBouncer (Debian: apt-get install pgbouncer).');
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-pgbouncer-'));
  chmodSync(folder, 0o755);
  const { hostname, port: serverPort } = new URL(serverUrl);
  const port = await freePort();
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: mode,
    default_pool_size: poolSize,
    max_client_conn: 100,
    server_login_retry: 1,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const file = path.join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]\n${databaseLine(serverUrl, hostname, serverPort)}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  // PgBouncer refuses to run as root.
  const { runAs } = locateBinaries();
  const child = runAs
    ? new Child('PgBouncer', 'setpriv', [
        `--reuid=${runAs.uid}`,
        `--regid=${runAs.gid}`,
        '--clear-groups',
        PROGRAM,
        file,
      ])
    : new Child('PgBouncer', PROGRAM, [file]);
  const urlOf = (direct: string): string => {
    const url = new URL(direct);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  };
  await untilAnswers(child, urlOf(serverUrl));
  const stop = async (): Promise<void> => {
    await child.stop();
    rmSync(folder, { recursive: true });
  };
  return { urlOf, stop };
}

/** One role for all clients of the pooler, as in Airflow's Helm chart. */
function databaseLine(serverUrl: string, host: string, port: string): string {
  const { username, password, pathname } = new URL(serverUrl);
  const login = `user=${decodeURIComponent(username)}${password ? ` password=${decodeURIComponent(password)}` : ''}`;
  return `${pathname.slice(1)} = host=${host} port=${port} ${login}`;
}

async function untilAnswers(child: Child, url: string): Promise<void> {
  for (;;) {
    child.mustRun();
    const client = await openClient({ url, name: 'test' }).catch(() => null);
    if (client) return client.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
