import { statSync } from 'node:fs';
import type { FileFault, LoadedFile } from '../store/dags.ts';

/** A file as it was read, with all that went into it. */
export interface Reading {
  /** Hash of its code or text; null where it could not be compiled. */
  hash: string | null;
  /** Every file that was read for it, absolute. */
  sources: readonly string[];
  result: LoadedFile | FileFault;
}

/** A file that changed so shortly before it was read may change again without a new stamp. */
const RACY_MS = 1_000;

/** The last reading of each file, for as long as nothing that went into it has changed. */
export class FileCache {
  private readonly readings = new Map<string, { reading: Reading; stamp: string | null }>();

  /** The last reading of `file` if all of its sources are as they were; `names` are the files that an import may find. */
  fresh(file: string, names: string): Reading | null {
    const known = this.readings.get(file);
    if (!known || known.stamp === null) return null;
    return known.stamp === stampOf(known.reading.sources, names) ? known.reading : null;
  }

  /** The last reading of `file` if it had this hash: what it declares is the same then. */
  same(file: string, hash: string): Reading | null {
    const known = this.readings.get(file)?.reading;
    return known?.hash === hash ? known : null;
  }

  /** `since` is the time, in milliseconds of the system's clock, before which the sources were read. */
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

function stampOf(sources: readonly string[], names: string): string {
  const stamps = sources.map((source) => {
    const stats = statSync(source, { throwIfNoEntry: false });
    return stats ? `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : 'gone';
  });
  return [names, ...stamps].join('\n');
}

function changedAt(source: string): number {
  return statSync(source, { throwIfNoEntry: false })?.ctimeMs ?? Infinity;
}
