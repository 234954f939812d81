import { isFinishedRun } from '../../shared/states.ts';
import type { IndexedRun } from '../index/rows.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { RunFollower } from './runFollower.ts';

const PAGE = 200;

/**
 * Repeatedly goes through all indexed ids, one small page with each poll, and passes runs that differ from the index to the
 * follower. It finds what no cheap query can detect: a run that was cleared and ended again between two polls, and an id that
 * committed later than expected.
 */
export class Sweep {
  private cursor: number | null = null;
  /** Number of completed rounds. */
  rounds = 0;

  constructor(
    private readonly follower: RunFollower,
    private readonly writer: IndexWriter,
  ) {}

  async step(reader: SourceReader): Promise<void> {
    const {
      id,
      watermark,
      history_top: top,
      history_cursor: indexedFrom,
      kept_from_us: keptFrom,
    } = this.follower.progress;
    const stamps = await reader.stampsBelow(this.cursor ?? watermark, PAGE);
    const indexed = await this.writer.runsById(
      id,
      stamps.map((stamp) => stamp.id),
    );
    const known = new Map(indexed.map((run) => [run.id, run]));
    for (const stamp of stamps) {
      const isIndexed = stamp.id >= top || stamp.id >= indexedFrom;
      if (isIndexed && isFinishedRun(stamp.state) && differs(stamp, known.get(stamp.id), keptFrom))
        this.follower.suspects.add(stamp.id);
    }
    const last = stamps.at(-1)?.id;
    const ended = stamps.length < PAGE || last === undefined || last <= Math.min(top, indexedFrom);
    if (ended) this.rounds += 1;
    this.cursor = ended ? null : last - 1;
  }
}

/** Whether a run differs from the index. A run that ended before `keptFrom` may be missing there: retention has removed it. */
function differs(stamp: { end_us: number | null }, indexed: IndexedRun | undefined, keptFrom: number | null): boolean {
  if (!indexed) return keptFrom === null || (stamp.end_us ?? 0) >= keptFrom;
  return indexed.end_us !== stamp.end_us;
}
