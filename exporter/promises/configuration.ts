import { unwatchFile, watchFile } from 'node:fs';
import { fileStamp } from '../../platform/fileStamp.ts';
import type { Logger } from '../../platform/log.ts';
import { SettingsError } from '../../platform/settings.ts';
import { AtRest } from '../../platform/time/atRest.ts';
import type { PromiseConfiguration } from '../../shared/api.ts';
import type { ExporterConfig } from '../config.ts';
import type { PromiseRule } from './rules.ts';

const LOOK_MS = 1_000;
/** A change that goes on is seen by the next look before this is over. */
const REST_MS = 1_500;

type Loaded = Pick<ExporterConfig, 'file' | 'namesPromises' | 'promises' | 'sources'>;

/**
 * The promises in force. They are read again on `reload` and when the file changes. An invalid file only changes the status, which
 * says what is wrong. Sources are only read at the start.
 */
export class PromiseConfig {
  private loadedAt = new Date();
  private problems: readonly string[] = [];
  private stale: readonly string[] = [];
  /** Stamp of the file when it was read. */
  private readStamp: string | null;

  constructor(
    private current: Loaded,
    /** Reads all settings; throws SettingsError. */
    private readonly read: () => Loaded,
    private readonly logger: Logger,
  ) {
    this.readStamp = fileStamp(current.file);
  }

  get rules(): readonly PromiseRule[] {
    return this.current.promises;
  }

  get isSound(): boolean {
    return this.problems.length === 0;
  }

  /** The status without warnings about DAGs, which only the sources know. */
  get status(): PromiseConfiguration {
    const { file } = this.current;
    return { file, loaded_at: this.loadedAt.toISOString(), problems: [...this.problems], warnings: [...this.stale] };
  }

  reload(): void {
    this.readStamp = fileStamp(this.current.file);
    try {
      const next = this.read();
      this.refuseLoss(next);
      const sourcesOf = ({ sources }: Loaded): string => JSON.stringify(sources);
      this.stale =
        sourcesOf(next) === sourcesOf(this.current)
          ? []
          : ['The sources have changed. They are only read at the start, so restart the exporter to apply the change.'];
      this.current = { ...next, sources: this.current.sources };
      this.loadedAt = new Date();
      this.problems = [];
      this.logger.info({ file: next.file, promises: next.promises.length }, 'promises reloaded');
    } catch (error) {
      const { file } = this.current;
      const problems = error instanceof SettingsError ? error.problems : [unreadable(file, error)];
      this.problems = problems;
      this.logger.error(
        { file, problems, ...(error instanceof SettingsError ? {} : { err: error }) },
        'the settings are invalid; the previous promises stay in force',
      );
    }
  }

  /** A file that is being written or was lost does not withdraw the promises. */
  private refuseLoss({ file, namesPromises }: Loaded): void {
    if (namesPromises || this.rules.length === 0) return;
    const what = 'is gone, or has no promises any more';
    throw new SettingsError([`${file}: ${what}; to take back all promises, write "promises: []"`]);
  }

  /** Reloads once the file has changed, appeared or disappeared and is stable. Returns a function that stops watching. */
  watch(): () => void {
    const { file } = this.current;
    // What is being written now is read when it is whole. Node reports a file that does not exist as a change.
    const resting = new AtRest(REST_MS, () => {
      if (fileStamp(file) !== this.readStamp) this.reload();
    });
    // Compares timestamps, because events miss some ways in which editors, ConfigMaps and network disks replace files.
    watchFile(file, { interval: LOOK_MS, persistent: false }, resting.note);
    // Only changes from now on are seen. The start may have taken minutes, in which the index was not available.
    resting.note();
    return () => {
      resting.cancel();
      unwatchFile(file, resting.note);
    };
  }
}

function unreadable(file: string, error: unknown): string {
  return `${file}: can't be read (${error instanceof Error ? error.message : String(error)})`;
}
