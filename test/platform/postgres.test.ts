import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../platform/postgres/connect.ts';
import { locateBinaries } from '../../platform/postgres/binaries.ts';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { createTestDatabase, type TestDatabase } from './../postgres/database.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-embedded-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function scalar(url: string, sql: string): Promise<unknown> {
  return withClient({ url, name: 'test' }, async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });
}

/** A server as 0.1.0 created it. */
async function startTrusting(dataDir: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { bin, runAs } = locateBinaries();
  mkdirSync(dataDir, { mode: 0o700 });
  if (runAs) chownSync(dataDir, runAs.uid, runAs.gid);
  execFileSync(path.join(bin, 'initdb'), ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
    ...runAs,
    stdio: 'ignore',
  });
  const port = await freePort();
  const flags = ['-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = spawn(path.join(bin, 'postgres'), ['-D', dataDir, '-p', String(port), ...flags], {
    ...runAs,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) => {
    server.stderr.on('data', (line: Buffer) => line.includes('ready to accept connections') && resolve());
  });
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await scalar(urlOf('postgres'), 'create database runbeat');
  const stop = async (): Promise<void> => {
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  };
  return { url: urlOf('runbeat'), stop };
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data between two runs', async () => {
    const dataDir = path.join(folder, 'kept');
    const first = await startEmbedded({ dataDir, durable: false });
    await scalar(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await startEmbedded({ dataDir, durable: false });
    expect(await scalar(second.url, 'select answer from kept')).toBe(42);
    await second.stop();
  });

  it('runs for root below a folder that only root can enter, and keeps its data there', async () => {
    const home = path.join(folder, 'home');
    mkdirSync(home, { mode: 0o700 });
    const dataDir = path.join(home, 'project', '.runbeat', 'postgres');
    const first = await startEmbedded({ dataDir, durable: false });
    await scalar(first.url, 'create table kept as select 7 as answer');
    await first.stop();
    const second = await startEmbedded({ dataDir, durable: false });
    expect(await scalar(second.url, 'select answer from kept')).toBe(7);
    await second.stop();
    const placed = realpathSync(dataDir);
    if (!placed.startsWith(folder)) rmSync(path.dirname(placed), { recursive: true });
  });

  it('is ended when the process that started it is killed', async () => {
    const script = path.join(folder, 'parent.mts');
    writeFileSync(
      script,
      `import { startEmbedded } from ${JSON.stringify(path.resolve('platform/postgres/embedded.ts'))};
       const postgres = await startEmbedded({ dataDir: ${JSON.stringify(path.join(folder, 'guarded'))}, durable: false });
       process.stdout.write(postgres.url);
       setInterval(() => undefined, 1000);`,
    );
    const parent = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const client = new pg.Client({ connectionString: printed.toString() });
    await client.connect();
    const disconnected = new Promise((resolve) => client.once('error', resolve));
    parent.kill('SIGKILL');
    await expect(disconnected).resolves.toMatchObject({ message: expect.stringContaining('terminat') });
    await client.end();
  });

  it('reclaims a server that was left running on its folder', async () => {
    const dataDir = path.join(folder, 'orphaned');
    await (await startEmbedded({ dataDir, durable: false })).stop();
    const binaries = locateBinaries();
    const port = await freePort();
    const orphan = spawn(
      path.join(binaries.bin, 'postgres'),
      ['-D', dataDir, '-p', String(port), '-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1'],
      { ...binaries.runAs, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(orphan, 'exit');
    await new Promise<void>((resolve) => {
      orphan.stderr.on('data', (line: Buffer) => line.includes('ready to accept connections') && resolve());
    });
    const reclaimed = await startEmbedded({ dataDir, durable: false });
    await ended;
    expect(await scalar(reclaimed.url, 'select 1')).toBe(1);
    await reclaimed.stop();
  });

  it('refuses connections without a password, and services as superuser', async () => {
    const postgres = await startEmbedded({ dataDir: path.join(folder, 'secured'), durable: false });
    const anonymous = new URL(postgres.url);
    for (const role of ['postgres', 'runbeat']) {
      [anonymous.username, anonymous.password] = [role, 'guessed'];
      await expect(scalar(anonymous.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    }
    const isSuperuser = 'select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user';
    expect(await scalar(postgres.url, isSuperuser)).toBe(false);
    await expect(scalar(postgres.url, "copy (select 1) to program 'true'")).rejects.toMatchObject({ code: '42501' });
    expect(statSync(path.join(folder, 'secured', 'runbeat-passwords.json')).mode & 0o077).toBe(0);
    await postgres.stop();
  });

  it('takes over a folder of 0.1.0, which trusted every local user, with all of its data', async () => {
    const dataDir = path.join(folder, 'trusting');
    const old = await startTrusting(dataDir);
    await migrate({ databaseUrl: old.url, folder: path.resolve('scheduler/migrations'), schema: 'runbeat' });
    await scalar(old.url, "insert into runbeat.slot_pool (pool, slots) values ('mine', 3)");
    await old.stop();
    const postgres = await startEmbedded({ dataDir, durable: false });
    expect(
      await scalar(postgres.url, "update runbeat.slot_pool set slots = 4 where pool = 'mine' returning slots"),
    ).toBe(4);
    await scalar(postgres.url, 'alter table runbeat.slot_pool add column made_later int');
    const trusted = `postgres://postgres@127.0.0.1:${postgres.port}/runbeat?password_file=/dev/null`;
    await expect(scalar(trusted, 'select 1')).rejects.toThrow(/password/);
    await postgres.stop();
  });

  it('refuses a folder with other content, gives the reason, and does not change it', async () => {
    const dataDir = path.join(folder, 'occupied');
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'notes.txt'), 'mine');
    await expect(startEmbedded({ dataDir, durable: false })).rejects.toThrow(/not empty/);
    expect(readFileSync(path.join(dataDir, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('may be started by twenty processes at once, and run once', async () => {
    const options = { databaseUrl: database.url, folder: path.resolve('scheduler/migrations'), schema: 'runbeat' };
    const applied = await Promise.all(Array.from({ length: 20 }, () => migrate(options)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(applied.flat()).toContain('0001_scheduler');
    const { rows } = await database.pool.query('select count(*)::int as pools from runbeat.slot_pool');
    expect(rows).toEqual([{ pools: 1 }]);
  });

  it('leave nothing half-written when a file fails', async () => {
    const broken = path.join(folder, 'broken-migrations');
    mkdirSync(broken);
    writeFileSync(path.join(broken, '0001_broken.sql'), 'create table half (id int); select * from nowhere;');
    await expect(migrate({ databaseUrl: database.url, folder: broken, schema: 'broken' })).rejects.toThrow(/nowhere/);
    const { rows } = await database.pool.query("select to_regclass('broken.half') as half");
    expect(rows).toEqual([{ half: null }]);
  });
});
