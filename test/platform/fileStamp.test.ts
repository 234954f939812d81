import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileStamp } from '../../platform/fileStamp.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-stamp-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

it('stays the same while the file does', () => {
  const file = write('unchanged', 'a');
  expect(fileStamp(file)).toBe(fileStamp(file));
});

it('changes when another file of the same size and modification time takes its place', () => {
  const [file, other] = [write('file', 'old'), write('other', 'new')];
  const { atime, mtime } = statSync(file);
  utimesSync(other, atime, mtime);
  utimesSync(file, atime, mtime);
  const before = fileStamp(file);
  renameSync(other, file);
  expect(fileStamp(file)).not.toBe(before);
});

it('changes when the target of a symbolic link does', () => {
  const link = path.join(folder, 'link');
  symlinkSync(write('target', 'a'), link);
  const before = fileStamp(link);
  write('target', 'longer');
  expect(fileStamp(link)).not.toBe(before);
});

it('is null for a file that does not exist or is below a file', () => {
  expect(fileStamp(path.join(folder, 'missing'))).toBeNull();
  expect(fileStamp(path.join(write('plain', ''), 'below'))).toBeNull();
});
