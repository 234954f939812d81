import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { locateBinaries } from '../../platform/postgres/binaries.ts';
import { freePort, startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';

/** A primary with one streaming standby. */
export interface ReplicatedPostgres {
  primary: EmbeddedPostgres;
  /** URL of any database on the standby as the superuser. */
  standbyUrlOf(database: string): string;
  stop(): Promise<void>;
}

/** Starts a primary in this folder, and a hot standby that follows it. */
export async function startReplicated(folder: string): Promise<ReplicatedPostgres> {
  const [dataDir, copy] = [path.join(folder, 'primary'), path.join(folder, 'standby')];
  const first = await startEmbedded({ dataDir, durable: false });
  await first.stop();
  const { bin, runAs } = locateBinaries();
  // A copy of a stopped cluster is a base backup. `cp` keeps the owner, which `cpSync` does not.
  await ended(spawn('cp', ['-a', dataDir, copy], { stdio: 'inherit' }));
  rmSync(path.join(copy, 'postmaster.pid'), { force: true });
  writeFileSync(path.join(copy, 'standby.signal'), '');
  // By default, the embedded server admits only clients, no replication.
  appendFileSync(path.join(dataDir, 'pg_hba.conf'), 'host replication all 127.0.0.1/32 scram-sha-256\n');
  const primary = await startEmbedded({ dataDir, durable: false });
  const { password, port: primaryPort } = new URL(primary.adminUrlOf('postgres'));
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    primary_conninfo: `host=127.0.0.1 port=${primaryPort} user=postgres password=${password}`,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const standby = spawn(path.join(bin, 'postgres'), ['-D', copy, '-p', String(port), ...flags], {
    ...runAs,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    standby.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (/ready to accept read-only connections/.test(output)) resolve();
    });
    standby.on('exit', () => reject(new Error(`The standby ended:\n${output}`)));
  });
  return {
    primary,
    standbyUrlOf: (database) => {
      const url = new URL(primary.adminUrlOf(database));
      url.port = String(port);
      return url.href;
    },
    stop: async () => {
      standby.kill('SIGINT');
      await ended(standby);
      await primary.stop();
    },
  };
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
