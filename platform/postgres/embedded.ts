import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Deadline } from '../time/deadline.ts';
import { pause } from '../time/pause.ts';
import { locateBinaries, type PostgresBinaries } from './binaries.ts';
import { passwordsOf, type Passwords } from './passwords.ts';
import { placeDataFolder } from './dataFolder.ts';

export interface EmbeddedOptions {
  /** Folder of the cluster, which initdb creates if necessary. */
  dataDir: string;
  /** TCP port on 127.0.0.1; by default a free one. */
  port?: number;
  /** Set to false for speed instead of durability, in tests only. */
  durable?: boolean;
  /** Further `name=value` settings for the server. */
  settings?: Record<string, string>;
  /** Database to create at the first start. */
  database?: string;
}

/** A PostgreSQL server that this process started and must stop. */
export interface EmbeddedPostgres {
  /** URL of the services' database with their role, which is not a superuser. */
  url: string;
  port: number;
  pid: number;
  /** URL of any database on the server as the superuser, for setup and tests only. */
  adminUrlOf(database: string): string;
  /** Stops the server and all sessions, and waits for it. Safe to call twice. */
  stop(): Promise<void>;
}

const READY = 'database system is ready to accept connections';
const START_TIMEOUT_MS = 30_000;

/**
 * Starts PostgreSQL from the binaries in npm packages. First ends a server that an earlier, killed process left running on the same
 * folder (its pid is in postmaster.pid). Rejects with the server's output if it does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = locateBinaries();
  const dataDir = placeDataFolder(path.resolve(options.dataDir), binaries.runAs);
  await reclaimOrphan(dataDir);
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) initialise(binaries, dataDir);
  const passwords = passwordsOf(binaries, dataDir);
  const port = options.port ?? (await freePort());
  const server = spawn(path.join(binaries.bin, 'postgres'), serverArguments(dataDir, port, options), {
    ...binaries.runAs,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in a terminal must reach it through stop(), after its clients are done.
    detached: true,
  });
  await untilReady(server);
  const guard = endWithThisProcess(server.pid!);
  const stop = once(async () => {
    guard.kill('SIGKILL');
    await endServer(server);
  });
  const urlFor = (role: keyof Passwords, database: string): string =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  const adminUrlOf = (database: string): string => urlFor('postgres', database);
  const database = options.database ?? 'runbeat';
  try {
    const { ensureServiceDatabase } = await import('./handOver.ts');
    await ensureServiceDatabase(adminUrlOf, database, passwords);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlFor('runbeat', database), port, pid: server.pid!, adminUrlOf, stop };
}

function serverArguments(dataDir: string, port: number, options: EmbeddedOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    ...(options.durable === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataDir, '-p', String(port), ...flags];
}

function initialise(binaries: PostgresBinaries, dataDir: string): void {
  const made = !existsSync(dataDir);
  if (made) mkdirSync(dataDir, { mode: 0o700 });
  if (made && binaries.runAs) chownSync(dataDir, binaries.runAs.uid, binaries.runAs.gid);
  const args = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const result = spawnSync(path.join(binaries.bin, 'initdb'), args, { ...binaries.runAs, encoding: 'utf8' });
  if (result.status === 0) return;
  // An existing folder may contain a user's files.
  if (made) rmSync(dataDir, { recursive: true, force: true });
  const reason = result.error?.message ?? result.stderr.trim();
  throw new Error(`PostgreSQL could not create its data folder ${dataDir}: ${reason}`);
}

/** Ends a server whose parent was killed, and waits for its end. PostgreSQL handles a stale pid file itself. */
async function reclaimOrphan(dataDir: string): Promise<void> {
  const pidFile = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isPostgresOn(pid, dataDir)) return;
  process.kill(pid, 'SIGINT');
  const deadline = Deadline.after(START_TIMEOUT_MS);
  while (isRunning(pid)) {
    if (deadline.hasPassed) throw new Error(`An earlier PostgreSQL (pid ${pid}) on ${dataDir} does not end.`);
    await pause(50);
  }
}

/** Whether the process is a server on this folder, according to its command line, because pids are reused. */
function isPostgresOn(pid: number, dataDir: string): boolean {
  if (!isRunning(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      reject(new Error(`PostgreSQL was not ready after ${START_TIMEOUT_MS / 1000} s:\n${output}`));
    }, START_TIMEOUT_MS);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      // Keep reading the pipe. Otherwise, the server blocks when it writes its log.
      server.stderr!.removeAllListeners('data').resume();
      server.removeAllListeners('exit').removeAllListeners('error');
      finish();
    };
    server.stderr!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(READY)) settle(resolve);
    });
    server.on('error', (error) => settle(() => reject(new Error(`PostgreSQL could not be started: ${error.message}`))));
    server.on('exit', (code) =>
      settle(() => reject(new Error(`PostgreSQL ended immediately (exit ${code}):\n${output}`))),
    );
  });
}

/**
 * Ends the server if this process is killed: a shell waits for the end of a pipe that only this process holds open. On systems without
 * a POSIX shell, reclaimOrphan ends it at the next start.
 */
function endWithThisProcess(serverPid: number): ChildProcess {
  const guard = spawn('sh', ['-c', `cat >/dev/null; kill -INT ${serverPid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}

async function endServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGINT');
  const impatient = setTimeout(() => server.kill('SIGQUIT'), 10_000);
  await ended;
  clearTimeout(impatient);
}

/** A port that was free a moment ago on 127.0.0.1. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= action());
}
