import { continued } from '../flow/outages.ts';
import { INDEX, type Collector, type CollectorContext, type Session } from './collector.ts';

/** How long recorded outages are kept in memory, because they may still delay active runs. */
const RECENT_US = 24 * 3600 * 1e6;

/** Records outages that are found from heartbeats, and keeps recent ones in memory. */
export class OutagesCollector implements Collector {
  readonly name = 'outages';
  readonly everySeconds = 0;
  readonly isEssential = false;
  readonly needs = [INDEX, 'schedulers'];

  /** An outage that was open at the last poll can't have ended before it, even if a heartbeat that is written late says so. */
  private lastPollUs = 0;

  constructor(private readonly context: CollectorContext) {}

  async collect({ leads, facts, clock, outageBook }: Session): Promise<void> {
    const nowUs = clock.readUs;
    if (leads) {
      const recorded = facts.outagesFound.length > 0 ? await outageBook.since(nowUs - RECENT_US) : [];
      const found = continued(facts.outagesFound, recorded, this.context.config.heartbeatThresholdSeconds * 1e6);
      const beatUs = Math.max(facts.newestBeatUs ?? nowUs, this.lastPollUs);
      await outageBook.write(found, Math.min(nowUs, beatUs));
    }
    this.lastPollUs = nowUs;
    facts.outages = await outageBook.since(nowUs - RECENT_US);
    facts.outagesUncounted = leads ? await outageBook.uncounted() : [];
  }

  gauges(): [] {
    return [];
  }
}
