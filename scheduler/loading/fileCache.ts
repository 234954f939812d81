import { statSync } from 'node:fs';
import { fileStamp } from '../../platform/fileStamp.ts';
import type { FileFault, LoadedFile } from '../store/dags.ts';

/** The result of reading a file, with everything that it depends on. */
export interface Reading {
  /** Hash of its code or text; null if it could not be compiled. */
  hash: string | null;
  /** Absolute paths of all files that were read for it. */
  sources: readonly string[];
  result: LoadedFile | FileFault;
}

/** If a file changed less than this before it was read, it may change again without a new timestamp. */
const RACY_MS = 1_000;

/** Caches the last reading of each file as long as nothing that it depends on has changed. */
export class FileCache {
  private readonly readings = new Map<string, { reading: Reading; stamp: string | null }>();

  /** The last reading of `file` if none of its sources has changed; `names` are the files that an import may find. */
  fresh(file: string, names: string): Reading | null {
    const known = this.readings.get(file);
    if (!known || known.stamp === null) return null;
    return known.stamp === stampOf(known.reading.sources, names) ? known.reading : null;
  }

  /** The last reading of `file` if it had this hash, so that it declares the same. */
  same(file: string, hash: string): Reading | null {
    const known = this.readings.get(file)?.reading;
    return known?.hash === hash ? known : null;
  }

  /** Stores a reading. `since` is when reading its sources began, in milliseconds of the system clock. */
  keep(file: string, reading: Reading, names: string, since: number): void {
    const isSettled = reading.hash !== null && reading.sources.every((source) => changedAt(source) < since - RACY_MS);
    this.readings.set(file, { reading, stamp: isSettled ? stampOf(reading.sources, names) : null });
  }

  /** Forgets all files but these. */
  retain(files: readonly string[]): void {
    const present = new Set(files);
    for (const file of this.readings.keys()) if (!present.has(file)) this.readings.delete(file);
  }
}

/** Differs once one of the files or the text `names` has changed. */
export function stampOf(sources: readonly string[], names: string): string {
  return [names, ...sources.map(fileStamp)].join('\n');
}

function changedAt(source: string): number {
  return statSync(source, { throwIfNoEntry: false })?.ctimeMs ?? Infinity;
}
