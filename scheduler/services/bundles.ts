import { existsSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { bundleFile } from '../loading/bundleFiles.ts';

/** Maximum number of cached files. A worker that runs more different versions reads some of them again. */
const MOST = 500;

/** How long a file is assumed to exist after a check. Checking for each of thousands of short tasks would slow them down. */
const LOOK_MS = 1_000;

/** Provides the code of DAGs as local files, which are read from the database when they are first needed. */
export class Bundles {
  private readonly files = new LRUCache<string, Promise<string | null>>({ max: MOST });
  /** Files that existed at a recent check. */
  private readonly seen = new LRUCache<string, true>({ max: MOST, ttl: LOOK_MS });

  constructor(private readonly read: (hash: string) => Promise<string | null>) {}

  /** The file; null if the database has no such code. After a failure, the next call tries again. */
  async file(hash: string): Promise<string | null> {
    const known = this.files.get(hash);
    if (known) {
      const file = await known;
      // The system may delete files from temporary folders that were not read for days.
      if (file === null || this.isThere(file)) return file;
    }
    // Another call may have noticed the same and may already be writing the file.
    const present = this.files.get(hash);
    return present && present !== known ? present : this.keep(hash, this.write(hash));
  }

  private isThere(file: string): boolean {
    if (this.seen.has(file)) return true;
    const isThere = existsSync(file);
    if (isThere) this.seen.set(file, true);
    return isThere;
  }

  private async write(hash: string): Promise<string | null> {
    const code = await this.read(hash);
    return code === null ? null : bundleFile(hash, code);
  }

  private keep(hash: string, file: Promise<string | null>): Promise<string | null> {
    this.files.set(hash, file);
    file.catch(() => this.files.get(hash) === file && this.files.delete(hash));
    return file;
  }
}
