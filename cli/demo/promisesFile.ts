import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../platform/errors.ts';

/**
 * The runbeat.yaml of the demo, with its promises and those that a breakage adds. If RUNBEAT_CONFIG is set, it is the user's own file,
 * which the demo never changes.
 */
export class PromisesFile {
  private constructor(
    readonly file: string,
    /** The text without breakages; null if the file is the user's own. */
    private readonly original: string | null,
  ) {}

  static own(file: string): PromisesFile {
    return new PromisesFile(path.resolve(file), null);
  }

  /** Writes the demo's own file. */
  static written(file: string, text: string): PromisesFile {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return new PromisesFile(path.resolve(file), text);
  }

  /** Adds a promise, as a list item in YAML. Throws if the file is the user's own. */
  add(promise: string): void {
    if (this.original === null) {
      throw new UserError('This would change your own promises.', 'Start the demo without RUNBEAT_CONFIG.');
    }
    writeFileSync(this.file, `${this.original.trimEnd()}\n${promise}`);
  }

  /** Removes the added promises. */
  restore(): void {
    if (this.original !== null) writeFileSync(this.file, this.original);
  }
}
