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
 * The folder that a cluster for `wanted` really lies in. It is `wanted` itself but for one case: root, whose home only root
 * can enter, while PostgreSQL must run as another user. The cluster then lies in a folder of its own under /var/lib, and
 * `wanted` is a link to it: removing the link starts with an empty database.
 */
export function placeDataFolder(wanted: string, runAs: PostgresBinaries['runAs']): string {
  if (existsSync(wanted)) return realpathSync(wanted);
  const parent = path.dirname(wanted);
  mkdirSync(parent, { recursive: true });
  if (!runAs || canEnter(parent, runAs)) return wanted;
  const elsewhere = mkdtempSync(path.join(existsSync(SYSTEM_STATE) ? SYSTEM_STATE : tmpdir(), 'runbeat-'));
  chmodSync(elsewhere, 0o755);
  const placed = path.join(elsewhere, 'postgres');
  // A link may be left over whose target was removed by hand.
  if (lstatSync(wanted, { throwIfNoEntry: false })) unlinkSync(wanted);
  symlinkSync(placed, wanted);
  return placed;
}

/** Whether that user may pass through the folder and all above it. */
function canEnter(folder: string, user: { uid: number; gid: number }): boolean {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = path.dirname(folder);
  return parent === folder || canEnter(parent, user);
}
