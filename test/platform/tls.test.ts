import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../platform/postgres/connect.ts';
import { locateBinaries } from '../../platform/postgres/binaries.ts';
import { startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';

let folder: string;
let withTls: EmbeddedPostgres;
let without: EmbeddedPostgres;
const file = (name: string): string => path.join(folder, name);

/** A certificate authority, and a certificate from it only for the host name `localhost`. */
function makeCertificates(): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const self = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'];
  openssl(...self, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test authority');
  openssl(...self, '-keyout', 'other.key', '-out', 'other.crt', '-subj', '/CN=Other authority');
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  );
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost');
  const sign = ['x509', '-req', '-days', '30', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(...sign, '-in', 'server.csr', '-out', 'server.crt', '-extfile', 'names');
  const { runAs } = locateBinaries();
  chmodSync(file('server.key'), 0o600);
  if (runAs) chownSync(file('server.key'), runAs.uid, runAs.gid);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-tls-'));
  chmodSync(folder, 0o755);
  makeCertificates();
  const settings = { ssl: 'on', ssl_cert_file: file('server.crt'), ssl_key_file: file('server.key') };
  withTls = await startEmbedded({ dataDir: file('tls'), durable: false, settings });
  without = await startEmbedded({ dataDir: file('plain'), durable: false });
});
afterAll(async () => {
  await Promise.all([withTls.stop(), without.stop()]);
  rmSync(folder, { recursive: true });
});

async function isEncrypted(server: EmbeddedPostgres, parameters: string, host = '127.0.0.1'): Promise<boolean> {
  const url = `${server.url.replace('127.0.0.1', host)}?${parameters}`;
  return withClient({ url, name: 'test' }, async (client) => {
    const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]!.ssl;
  });
}

const ca = (name = 'ca.crt'): string => `sslrootcert=${encodeURIComponent(file(name))}`;

describe('sslmode, as in libpq', () => {
  it('prefer, the default, encrypts if the server offers it, and otherwise connects without encryption', async () => {
    expect(await isEncrypted(withTls, '')).toBe(true);
    expect(await isEncrypted(withTls, 'sslmode=prefer')).toBe(true);
    expect(await isEncrypted(without, 'sslmode=prefer')).toBe(false);
    expect(await isEncrypted(withTls, 'sslmode=disable')).toBe(false);
  });

  it('require encrypts without verifying the server, and refuses a server without TLS', async () => {
    expect(await isEncrypted(withTls, 'sslmode=require')).toBe(true);
    await expect(isEncrypted(without, 'sslmode=require')).rejects.toThrow(/does not offer TLS.*sslmode=require/);
  });

  it('verify-ca checks the authority, but not the name', async () => {
    expect(await isEncrypted(withTls, `sslmode=verify-ca&${ca()}`)).toBe(true);
    await expect(isEncrypted(withTls, `sslmode=verify-ca&${ca('other.crt')}`)).rejects.toThrow(/certificate|signed/i);
    await expect(isEncrypted(withTls, `sslmode=require&${ca('other.crt')}`)).rejects.toThrow(/certificate|signed/i);
  });

  it('verify-full checks the name, too', async () => {
    expect(await isEncrypted(withTls, `sslmode=verify-full&${ca()}`, 'localhost')).toBe(true);
    await expect(isEncrypted(withTls, `sslmode=verify-full&${ca()}`)).rejects.toThrow(/IP|altname/i);
  });
});

describe('several hosts', () => {
  it('are tried in order until one takes the connection', async () => {
    const url = new URL(without.url);
    const away = await unusedPort();
    const several = `postgres://${url.username}:${url.password}@127.0.0.1:${away},127.0.0.1:${without.port}${url.pathname}`;
    const answer = await withClient({ url: several, name: 'test' }, (client) => client.query('select 1 as one'));
    expect(answer.rows).toEqual([{ one: 1 }]);
  });

  it('that do not answer are skipped after a time limit', async () => {
    const deaf = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const { port } = deaf.address() as { port: number };
    const attempt = withClient(
      { url: `postgres://u@127.0.0.1:${port}/x`, name: 'test', connectTimeoutMs: 200 },
      async () => 0,
    );
    await expect(attempt).rejects.toThrow(/timeout/);
    await close(deaf);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await close(server);
  return port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
