import { isDoneWithin } from '../../platform/time/within.ts';
import type { Series } from '../metrics/series.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { KeyedRunRow } from '../sources/rows.ts';
import type { RunFollower } from './runFollower.ts';

/** Runs in one page: large enough to be fast, small enough that a poll never waits long for the connection. */
const PAGE = 500;
const TIDYING_MS = 100;

/** Indexes the runs that ended before the exporter first saw the source, newest first. It reads the next page while it writes one. */
export class HistoryCollector {
  private ahead: { below: number; page: Promise<KeyedRunRow[]> } | null = null;
  private tidying: Promise<void> | null = null;

  constructor(
    private readonly follower: RunFollower,
    private readonly reader: SourceReader,
    /** Called once when everything is indexed. */
    private readonly tidy: () => Promise<void>,
  ) {}

  get done(): boolean {
    return this.isIndexed && this.tidying === null;
  }

  private get isIndexed(): boolean {
    return this.follower.progress.history_cursor <= 1;
  }

  /** The indexed share of the history, 0 to 1. */
  get share(): number {
    const { history_top: top, history_cursor: cursor, history_bottom: bottom } = this.follower.progress;
    if (this.isIndexed || top <= bottom) return 1;
    return Math.min(1, Math.max(0, (top - cursor) / (top - bottom)));
  }

  /** Indexes one page. After the last one, waits briefly for the clean-up, so that polls never wait for long. */
  async step(): Promise<Iterable<Series>> {
    if (this.tidying) {
      await isDoneWithin(this.tidying, TIDYING_MS);
      return [];
    }
    const below = this.follower.progress.history_cursor;
    const ahead = this.ahead?.below === below ? this.ahead.page : this.read(below);
    this.ahead = null;
    const page = await ahead;
    const last = page.length < PAGE;
    const cursor = last ? 1 : page.at(-1)!.id;
    if (!last) this.ahead = { below: cursor, page: this.read(cursor) };
    // If this read fails, the step that needs it reports the error.
    this.ahead?.page.catch(() => undefined);
    const changed = await this.follower.addHistory(page, cursor);
    if (last) this.tidying = this.tidy().finally(() => (this.tidying = null));
    return changed;
  }

  private read(below: number): Promise<KeyedRunRow[]> {
    return this.reader.runsBelow(below, PAGE);
  }
}
