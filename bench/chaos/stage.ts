import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withClient } from '../../platform/postgres/connect.ts';
import { freePort, startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';
import { createPool } from '../../scheduler/store/database.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { tell } from '../figure.ts';
import { childrenOf } from '../process.ts';

const here = (file: string): string => path.resolve(import.meta.dirname, file);
const SERVICES: Record<string, { entry: string; args: string[] }> = {
  'scheduler 1': { entry: here('../service.ts'), args: ['scheduler'] },
  'scheduler 2': { entry: here('../service.ts'), args: ['scheduler'] },
  'worker 1': { entry: here('../service.ts'), args: ['worker', '--concurrency', '16'] },
  'worker 2': { entry: here('../service.ts'), args: ['worker', '--concurrency', '16'] },
  exporter: { entry: here('../exporterService.ts'), args: ['exporter'] },
};
export const SERVICE_NAMES = Object.keys(SERVICES);

/** Size of the disk: small enough to be filled quickly, large enough for a long run. The write-ahead log has a separate disk. */
const DISKS_MB = { data: 1_000, wal: 400 };
type Disk = keyof typeof DISKS_MB;
/** Size of the disk for the write-ahead log. The server's own limit is lower, so only a fault can fill this disk. */
const SETTINGS = { max_wal_size: '128MB' };
/** How long it may take until a fault shows in the server's answers. */
const SHOWN_MS = 20_000;
/** Age of a heartbeat at which a process counts as dead. */
export const THRESHOLD_SECONDS = 4;

/** A database on separate small disks, and all services as processes that may be killed. */
export class Stage {
  /** Services that ended unexpectedly. */
  readonly died: string[] = [];
  private readonly children = new Map<string, ChildProcess>();
  private readonly expected = new Set<ChildProcess>();
  private postgres!: EmbeddedPostgres;
  pool!: pg.Pool;
  /** The database of the exporter's index. */
  indexPool!: pg.Pool;
  exporterUrl!: string;

  private constructor(
    private readonly folder: string,
    /** Whether the database is on disks that can be filled. */
    private readonly hasOwnDisks: boolean,
    private readonly server: { dataDir: string; port: number },
  ) {}

  static async open(): Promise<Stage> {
    const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-chaos-'));
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'dags'));
    const hasOwnDisks = Object.entries(DISKS_MB).every(([disk, size]) => {
      const place = path.join(folder, disk);
      mkdirSync(place);
      return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=755`, 'tmpfs', place]).status === 0;
    });
    if (!hasOwnDisks) tell('no right to mount small disks: no disk is full in this run');
    const stage = new Stage(folder, hasOwnDisks, {
      dataDir: path.join(folder, 'data/cluster'),
      port: await freePort(),
    });
    await stage.startDatabase();
    await stage.moveWal();
    await migrateScheduler(stage.postgres.url);
    stage.pool = createPool(stage.postgres.url, 'chaos', 4);
    await stage.administer('create database chaos_index owner runbeat');
    stage.indexPool = createPool(stage.indexUrl, 'chaos', 1);
    await stage.pool.query('create table public.chaos_probe (padding text)');
    await stage.pool.query('alter table public.chaos_probe alter column padding set storage external');
    stage.exporterUrl = `http://127.0.0.1:${await freePort()}`;
    return stage;
  }

  /** Runs statements as the superuser, one after the other. */
  async administer(...statements: string[]): Promise<void> {
    await withClient({ url: this.postgres.adminUrlOf('postgres'), name: 'chaos administrator' }, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  }

  writeDag(name: string, text: string): void {
    writeFileSync(path.join(this.folder, 'dags', name), text);
  }

  removeDag(name: string): void {
    rmSync(path.join(this.folder, 'dags', name), { force: true });
  }

  async startDatabase(): Promise<void> {
    this.postgres = await startEmbedded({ ...this.server, settings: SETTINGS });
  }

  /** Sends SIGQUIT, which ends the server immediately and causes a recovery at its next start. */
  async stopDatabase(immediately: boolean): Promise<void> {
    if (immediately) process.kill(this.postgres.pid, 'SIGQUIT');
    await this.postgres.stop();
  }

  /** Waits until the server has recovered from a crash, and restarts it if it has given up. */
  async reviveDatabase(): Promise<void> {
    const deadline = performance.now() + SHOWN_MS;
    while (this.databaseRuns && performance.now() < deadline) {
      const works = await this.pool.query('insert into public.chaos_probe values (null)').then(
        () => true,
        () => false,
      );
      if (works) return;
      await sleep(100);
    }
    await this.postgres.stop();
    await this.startDatabase();
  }

  /** Stops or continues the server with all its sessions. */
  signalDatabase(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of [this.postgres.pid, ...childrenOf(this.postgres.pid)]) {
      try {
        process.kill(pid, signal);
      } catch {
        // A session that has just ended.
      }
    }
  }

  /** Terminates the connections of all services, and returns their number. */
  async cutConnections(): Promise<number> {
    const { rows } = await this.pool.query<{ cut: number }>(
      `select count(pg_terminate_backend(pid))::int as cut from pg_stat_activity
        where application_name like 'runbeat%' and pid <> pg_backend_pid()`,
    );
    return rows[0]!.cut;
  }

  /** Whether writes that need disk space eventually fail with this SQLSTATE. */
  async writesFailWith(state: string): Promise<boolean> {
    const deadline = performance.now() + SHOWN_MS;
    while (performance.now() < deadline) {
      const insert = "insert into public.chaos_probe select repeat('x', 1000000) from generate_series(1, 10)";
      const failed = await this.pool.query(insert).then(
        () => null,
        (error: { code?: string }) => error.code,
      );
      if (failed === state) return true;
      await sleep(20);
    }
    return false;
  }

  /** Makes the server write its log until it stops because the disk is full, and returns whether it did. */
  async useUpWal(): Promise<boolean> {
    const deadline = performance.now() + SHOWN_MS;
    const write = "select pg_logical_emit_message(true, 'chaos', 'x'), pg_switch_wal()";
    while (performance.now() < deadline) {
      const works = await this.administer(write).then(
        () => true,
        () => false,
      );
      if (!works) return true;
    }
    return false;
  }

  /** Fills a disk of the database, and returns a function that frees it. Null if the disk does not belong to the stage. */
  fillDisk(disk: Disk): (() => void) | null {
    if (!this.hasOwnDisks) return null;
    const ballast = path.join(this.folder, disk, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { stdio: 'ignore' });
    return () => {
      rmSync(ballast, { force: true });
      if (disk === 'data') void this.pool.query('truncate public.chaos_probe').catch(() => undefined);
    };
  }

  private get databaseRuns(): boolean {
    try {
      process.kill(this.postgres.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  private async moveWal(): Promise<void> {
    if (!this.hasOwnDisks) return;
    await this.postgres.stop();
    const [from, to] = [path.join(this.server.dataDir, 'pg_wal'), path.join(this.folder, 'wal/pg_wal')];
    execFileSync('cp', ['-a', from, to]);
    rmSync(from, { recursive: true });
    symlinkSync(to, from);
    await this.startDatabase();
  }

  startAll(): void {
    for (const name of Object.keys(SERVICES)) this.start(name);
  }

  start(name: string): void {
    const { entry, args } = SERVICES[name]!;
    const clock = ['--import', here('clock.ts')];
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...clock, entry, ...args], {
      env: { ...process.env, ...this.environment() },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let words = '';
    child.stderr!.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2_000)));
    child.on('exit', (code, signal) => {
      if (this.expected.has(child)) return;
      this.died.push(name);
      tell(`${name} ended by itself (${signal ?? code}): ${words}`);
      this.start(name);
    });
    this.children.set(name, child);
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.children.get(name)!.kill(signal);
  }

  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.children.get(name)!;
    this.expected.add(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  async close(): Promise<void> {
    await Promise.all([...this.children.keys()].map((name) => this.end(name, 'SIGKILL')));
    await Promise.all([this.pool.end(), this.indexPool.end()]);
    this.signalDatabase('SIGCONT');
    await this.postgres.stop();
    for (const disk of Object.keys(DISKS_MB)) spawnSync('umount', ['-l', path.join(this.folder, disk)]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get indexUrl(): string {
    const url = new URL(this.postgres.url);
    url.pathname = '/chaos_index';
    return url.href;
  }

  private environment(): Record<string, string> {
    return {
      RUNBEAT_DATABASE_URL: this.postgres.url,
      RUNBEAT_INDEX_URL: this.indexUrl,
      RUNBEAT_DAGS: path.join(this.folder, 'dags'),
      RUNBEAT_LISTEN: new URL(this.exporterUrl).host,
      RUNBEAT_LOG_LEVEL: 'fatal',
      RUNBEAT_HEARTBEAT_INTERVAL: '0.5',
      RUNBEAT_HEARTBEAT_THRESHOLD: String(THRESHOLD_SECONDS),
      RUNBEAT_SHUTDOWN_GRACE: '5',
    };
  }
}
