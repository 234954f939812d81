import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SYSTEM_STATE, type PostgresBinaries } from './binaries.ts';

/**
 * Returns the folder for the data of a cluster at `wanted`. It is `wanted` itself, with one exception: if this process is root and only
 * root can enter `wanted`, PostgreSQL, which must run as another user, gets a folder below /var/lib. `wanted` is then a link to it.
 * If the link is removed, the next start has an empty database.
 */
export function placeDataFolder(wanted: string, runAs: PostgresBinaries['runAs']): string {
  if (existsSync(wanted)) return realpathSync(wanted);
  const parent = path.dirname(wanted);
  mkdirSync(parent, { recursive: true });
  if (!runAs || canEnter(parent, runAs)) return wanted;
  const elsewhere = mkdtempSync(path.join(existsSync(SYSTEM_STATE) ? SYSTEM_STATE : tmpdir(), 'runbeat-'));
  chmodSync(elsewhere, 0o755);
  const placed = path.join(elsewhere, 'postgres');
  // There may be a link whose target was removed by hand.
  if (lstatSync(wanted, { throwIfNoEntry: false })) unlinkSync(wanted);
  symlinkSync(placed, wanted);
  return placed;
}

/** Whether the user may enter the folder and all folders above it. */
function canEnter(folder: string, user: { uid: number; gid: number }): boolean {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = path.dirname(folder);
  return parent === folder || canEnter(parent, user);
}
