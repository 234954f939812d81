import { statSync } from 'node:fs';

/**
 * A text that differs once a file's content has been changed or the file has been replaced, also behind a symbolic link. Null if the
 * file does not exist or can't be looked at.
 *
 * The change time (ctime) covers what the modification time does not: tools such as `cp -p` and `rsync` restore the latter.
 */
export function fileStamp(file: string): string | null {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    return null;
  }
}
