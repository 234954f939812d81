import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';

/** Passwords of the two roles of an embedded server. */
export interface Passwords {
  /** The superuser, only for setup. */
  postgres: string;
  /** The owner of the services' databases, which has no other rights. */
  runbeat: string;
}

const FILE = 'runbeat-passwords.json';
/** Allows TCP connections from this machine only, with a password, because any local user can open a connection. */
const ACCESS = '# Written by Runbeat.\nhost all all 127.0.0.1/32 scram-sha-256\n';

/**
 * The passwords of the cluster in `dataDir`. If it has none, because it is new or from a version that trusted every local user, it gets
 * them before it is started. Only the user that created the file can read it.
 */
export function passwordsOf(binaries: PostgresBinaries, dataDir: string): Passwords {
  const file = path.join(dataDir, FILE);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Passwords;
  const passwords = { postgres: secret(), runbeat: secret() };
  setPassword(binaries, dataDir, passwords.postgres);
  writeFileSync(path.join(dataDir, 'pg_hba.conf'), ACCESS);
  writeFileSync(`${file}.new`, JSON.stringify(passwords), { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  // Rename last, so that an interrupted start repeats everything.
  renameSync(`${file}.new`, file);
  return passwords;
}

/** Uses single-user mode, so that no one can connect. The password is sent through a pipe, not on the command line. */
function setPassword(binaries: PostgresBinaries, dataDir: string, password: string): void {
  const args = ['--single', '-D', dataDir, '-c', 'password_encryption=scram-sha-256', 'postgres'];
  const input = `alter role postgres password '${password}'\n`;
  const result = spawnSync(path.join(binaries.bin, 'postgres'), args, { ...binaries.runAs, input, encoding: 'utf8' });
  if (result.status === 0 && !result.stderr.includes('ERROR')) return;
  throw new Error(
    `The data folder ${dataDir} could not be given a password: ${result.error?.message ?? result.stderr}`,
  );
}

function secret(): string {
  return randomBytes(24).toString('hex');
}
