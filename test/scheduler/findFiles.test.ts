import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDagFiles } from '../../scheduler/loading/findFiles.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'runbeat-dags-'));
  chmodSync(root, 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(...files: string[]): void {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), '');
  }
}

/** Runs `work` as a user who may not read everything, as services should. */
function asPlainUser<Result>(work: () => Result): Result {
  if (process.geteuid!() !== 0) return work();
  process.seteuid!(65_534);
  try {
    return work();
  } finally {
    process.seteuid!(0);
  }
}

describe('the files of a DAGs folder', () => {
  it('include those of subfolders and links, in order', () => {
    write('b.ts', 'a.yaml', 'team/c.mts', 'notes.txt', 'types.d.ts', 'node_modules/x/d.ts', 'elsewhere/e.js');
    symlinkSync('elsewhere', path.join(root, 'link'));
    symlinkSync('nowhere', path.join(root, 'gone.ts'));
    const files = ['a.yaml', 'b.ts', 'elsewhere/e.js', 'gone.ts', 'link/e.js', 'team/c.mts'];
    expect(findDagFiles(root)).toEqual({ files, faults: [] });
  });

  it('are found once, although a link points back to its own folder', () => {
    write('a.ts', 'team/b.ts');
    symlinkSync('..', path.join(root, 'team/again'));
    symlinkSync('itself', path.join(root, 'itself'));
    expect(findDagFiles(root)).toEqual({ files: ['a.ts', 'team/b.ts'], faults: [] });
  });

  it('are found even if one folder may not be read, and that folder is named', () => {
    write('a.ts', 'lost+found/b.ts');
    chmodSync(path.join(root, 'lost+found'), 0o000);
    expect(asPlainUser(() => findDagFiles(root))).toEqual({
      files: ['a.ts'],
      faults: [{ fileloc: 'lost+found', message: "lost+found: the folder can't be read (EACCES)" }],
    });
  });
});
