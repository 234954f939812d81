import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../platform/errors.ts';

/**
 * The folder that the demo's schedulers read. It contains links to the demo's DAG files, and the files that a breakage adds. If
 * RUNBEAT_DAGS is set, it is the user's own folder, to which the demo never writes.
 */
export class DagsFolder {
  private constructor(
    readonly folder: string,
    private readonly isOurs: boolean,
  ) {}

  static own(folder: string): DagsFolder {
    return new DagsFolder(path.resolve(folder), false);
  }

  /** Recreates `folder`, with a link to each file of `origin`. */
  static linked(folder: string, origin: string): DagsFolder {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(origin).filter((file) => /(?<!\.d)\.(ts|js)$/.test(file));
    for (const file of files) symlinkSync(path.join(origin, file), path.join(folder, file));
    return new DagsFolder(path.resolve(folder), true);
  }

  /** Adds a file; `text` gets its path. Throws if the folder is the user's own. */
  add(file: string, text: (path: string) => string): void {
    if (!this.isOurs) {
      throw new UserError('This would add a file to your own DAGs.', 'Start the demo without RUNBEAT_DAGS.');
    }
    const place = path.join(this.folder, file);
    writeFileSync(place, text(place));
  }

  remove(file: string): void {
    if (this.isOurs) rmSync(path.join(this.folder, file), { force: true });
  }
}
