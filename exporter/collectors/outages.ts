import { continued } from '../flow/outages.ts';
import { INDEX, type Collector, type CollectorContext, type Session } from './collector.ts';

/** Outages that may still delay active runs are kept at hand for this long. */
const RECENT_US = 24 * 3600 * 1e6;

/** Records the outages that the heartbeats show, and remembers those recorded before. */
export class OutagesCollector implements Collector {
  readonly name = 'outages';
  readonly everySeconds = 0;
  readonly isEssential = false;
  readonly needs = [INDEX, 'schedulers'];

  /** An outage that the last poll saw had not ended by then, whatever a heartbeat says that is written late. */
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
