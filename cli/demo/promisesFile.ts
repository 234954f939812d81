import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../platform/errors.ts';

/**
 * The runbeat.yaml of the demo: its promises, and those that a breakage adds. With RUNBEAT_CONFIG set, the user's own file
 * is read and never written.
 */
export class PromisesFile {
  private constructor(
    readonly file: string,
    /** Null where the file is the user's. */
    private readonly original: string | null,
  ) {}

  static own(file: string): PromisesFile {
    return new PromisesFile(path.resolve(file), null);
  }

  /** A file of the demo's own. */
  static written(file: string, text: string): PromisesFile {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return new PromisesFile(path.resolve(file), text);
  }

  /** Adds a promise, as a list item in YAML. Throws where the file is the user's. */
  add(promise: string): void {
    if (this.original === null) {
      throw new UserError('This would change your own promises.', 'Start the demo without RUNBEAT_CONFIG.');
    }
    writeFileSync(this.file, `${this.original.trimEnd()}\n${promise}`);
  }

  /** Removes what was added. */
  restore(): void {
    if (this.original !== null) writeFileSync(this.file, this.original);
  }
}
