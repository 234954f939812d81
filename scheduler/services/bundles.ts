import { existsSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { bundleFile } from '../loading/bundleFiles.ts';

/** Files that are cached; a worker that runs more different versions reads some of them again. */
const MOST = 500;

/** A file that was there is looked for again after so long: looking at each of thousands of short tasks would slow them. */
const LOOK_MS = 1_000;

/** Code of DAGs as files of this machine, read from the database when it is first needed. */
export class Bundles {
  private readonly files = new LRUCache<string, Promise<string | null>>({ max: MOST });
  /** Files that were there a moment ago. */
  private readonly seen = new LRUCache<string, true>({ max: MOST, ttl: LOOK_MS });

  constructor(private readonly read: (hash: string) => Promise<string | null>) {}

  /** The file; null where the database has no such code. What failed once is tried again by the next call. */
  async file(hash: string): Promise<string | null> {
    const known = this.files.get(hash);
    if (known) {
      const file = await known;
      // Temporary folders are cleaned of files that were not read for days.
      if (file === null || this.isThere(file)) return file;
    }
    // Another call may have seen the same and be writing the file already.
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
