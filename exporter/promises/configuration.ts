import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from '../../platform/log.ts';
import { SettingsError } from '../../platform/settings.ts';
import { AtRest } from '../../platform/time/atRest.ts';
import type { PromiseConfiguration } from '../../shared/api.ts';
import type { ExporterConfig } from '../config.ts';
import type { PromiseRule } from './rules.ts';

const LOOK_MS = 1_000;
/** A change that goes on is seen by the next look before this is over. */
const REST_MS = 1_500;

type Loaded = Pick<ExporterConfig, 'file' | 'isFileEmpty' | 'promises' | 'sources'>;

/**
 * The promises in force. They are read again on `reload` and when the file changes; a faulty file changes nothing but the
 * status, which says what is wrong with it. Sources are read at the start only.
 */
export class PromiseConfig {
  private loadedAt = new Date();
  private problems: readonly string[] = [];
  private stale: readonly string[] = [];

  constructor(
    private current: Loaded,
    /** Reads all settings; throws SettingsError. */
    private readonly read: () => Loaded,
    private readonly logger: Logger,
  ) {}

  get rules(): readonly PromiseRule[] {
    return this.current.promises;
  }

  get isSound(): boolean {
    return this.problems.length === 0;
  }

  /** Without warnings about DAGs, which sources know. */
  get status(): PromiseConfiguration {
    const { file } = this.current;
    return { file, loaded_at: this.loadedAt.toISOString(), problems: [...this.problems], warnings: [...this.stale] };
  }

  reload(): void {
    try {
      const next = this.read();
      this.refuseLoss(next);
      const sourcesOf = ({ sources }: Loaded): string => JSON.stringify(sources);
      this.stale =
        sourcesOf(next) === sourcesOf(this.current)
          ? []
          : ['The sources have changed; they are read at the start only, so restart the exporter to take them over.'];
      this.current = { ...next, sources: this.current.sources };
      this.loadedAt = new Date();
      this.problems = [];
      this.logger.info({ file: next.file, promises: next.promises.length }, 'promises were reloaded');
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.problems = error.problems;
      this.logger.error(
        { file: this.current.file, problems: error.problems },
        'the settings are faulty; the former promises stay in force',
      );
    }
  }

  /** A file that is being replaced, or has been lost, does not mean that nothing is promised any more. */
  private refuseLoss({ file, isFileEmpty }: Loaded): void {
    if (!isFileEmpty || this.rules.length === 0) return;
    throw new SettingsError([`${file}: is gone or empty; to take back all promises, write "promises: []"`]);
  }

  /** Reloads when the file has changed, appeared or vanished and then rests; returns what ends that. */
  watch(): () => void {
    // What is being written now is read when it is whole.
    const resting = new AtRest(REST_MS, () => this.reload());
    const { file } = this.current;
    // By its stamps, and not by events: editors, ConfigMaps and network disks replace files in ways that events miss.
    watchFile(file, { interval: LOOK_MS, persistent: false }, resting.note);
    return () => {
      resting.cancel();
      unwatchFile(file, resting.note);
    };
  }
}
