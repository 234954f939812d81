import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUpPassword } from '../../platform/postgres/passFile.ts';
import { parseDatabaseUrl, withParameter } from '../../platform/postgres/url.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-url-'));
  writeFileSync(path.join(folder, 'root.crt'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const endpoints = (url: string): string[] => parseDatabaseUrl(url).endpoints.map(({ host, port }) => `${host}|${port}`);

describe('a database URL', () => {
  it.each([
    ['postgres://u:p@db.example.com/airflow', ['db.example.com|5432']],
    ['postgresql://u:p@db.example.com:6543/airflow', ['db.example.com|6543']],
    ['postgresql+psycopg2://u:p@db/airflow', ['db|5432']],
    ['postgresql+asyncpg://u:p@db/airflow?prepared_statement_cache_size=0', ['db|5432']],
    ['  postgres://u:p@db/airflow\n', ['db|5432']],
    ['postgres://u:p@one:5433,two,[::1]:5434/airflow', ['one|5433', 'two|5432', '::1|5434']],
    ['postgres://u:p@/airflow?host=one,two&port=6000', ['one|6000', 'two|6000']],
    ['postgresql+psycopg2://u:p@/airflow?host=/cloudsql/project:region:db', ['/cloudsql/project:region:db|5432']],
    ['postgres://u:p@%2Fvar%2Frun%2Fpostgresql/airflow', ['/var/run/postgresql|5432']],
    ['postgres:///airflow', ['localhost|5432']],
  ])('%j reaches %j', (url, wanted) => expect(endpoints(url)).toEqual(wanted));

  it('keeps every character of a password, escaped or not', () => {
    expect(parseDatabaseUrl('postgres://u:p%40ss%3Aw%2Frd%25@db/x').password).toBe('p@ss:w/rd%');
    expect(parseDatabaseUrl('postgres://u:a@b@db/x').password).toBe('a@b');
    expect(parseDatabaseUrl('postgres://db/x?user=me&password=%C3%BC').password).toBe('ü');
  });

  it.each([
    ['mysql://u:secret@db/airflow', /mysql.*PostgreSQL only.*airflow db migrate/],
    ['mysql+mysqldb://u:secret@db/airflow', /mysql/],
    ['sqlite:////home/me/airflow/airflow.db', /sqlite/],
    ['https://db/airflow', /begins with "https"/],
    ['db.example.com/airflow', /must be a PostgreSQL URL/],
    ['postgres://u:secret@db', /names no database/],
    ['postgres://u:se%cret@db/x', /password.*%25/],
    ['postgres://u:secret@db:port/x', /port.*1 to 65535/],
    [
      'postgres://u:secret@db/x?sslmode=on',
      /sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full/,
    ],
    ['postgres://u:secret@db/x?sslmode=verify-ca', /sslrootcert/],
    ['postgres://u:secret@db/x?sslmode=verify-full&sslrootcert=/no/such/file', /there is no file \/no\/such\/file/],
    ['postgres://u:secret@db/x?sslcert=/etc/passwd', /belong together/],
    ['postgres://u:secret@db/x?sslmod=require', /parameter "sslmod"; known are .*sslmode/],
    ['postgres://u:secret@a,b/x?target_session_attrs=writable', /target_session_attrs must be one of any, read-write/],
    ['postgres://u:secret@a,b/x?port=1,2,3&host=a,b', /2 hosts and 3 ports/],
  ])('%s is refused with the reason, and without its password', (url, reason) => {
    expect(() => parseDatabaseUrl(url)).toThrow(reason);
    expect(() => parseDatabaseUrl(url)).not.toThrow(/secret/);
  });

  it('prefers TLS by default, as libpq does', () => {
    expect(parseDatabaseUrl('postgres://db/x').sslMode).toBe('prefer');
    const url = withParameter('postgres://db/x?sslmode=verify-ca', 'sslrootcert', path.join(folder, 'root.crt'));
    expect(parseDatabaseUrl(url)).toMatchObject({ sslMode: 'verify-ca', sslRootCert: path.join(folder, 'root.crt') });
    expect(parseDatabaseUrl('postgresql+asyncpg://db/x?ssl=require').sslMode).toBe('require');
  });
});

describe('a password file', () => {
  const file = (): string => path.join(folder, 'pgpass');
  it('is read like libpq reads it', () => {
    const lines = ['# comment', 'db:5433:airflow:reader:other-port', 'db:*:airflow:reader:p\\:w\\\\d', '*:*:*:*:rest'];
    writeFileSync(file(), lines.join('\n'), { mode: 0o600 });
    chmodSync(file(), 0o600);
    expect(lookUpPassword(file(), { host: 'db', port: 5432 }, 'airflow', 'reader')).toBe('p:w\\d');
    expect(lookUpPassword(file(), { host: 'db', port: 5433 }, 'airflow', 'reader')).toBe('other-port');
    expect(lookUpPassword(file(), { host: '/run', port: 1 }, 'x', 'y')).toBe('rest');
    expect(lookUpPassword(path.join(folder, 'none'), { host: 'db', port: 1 }, 'x', 'y')).toBeNull();
  });

  it('that others may read is refused', () => {
    chmodSync(file(), 0o644);
    expect(() => lookUpPassword(file(), { host: 'db', port: 5432 }, 'x', 'y')).toThrow(/chmod 600/);
  });
});
