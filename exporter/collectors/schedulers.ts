import { judgeSchedulers, type LivenessRules, type SchedulerLife } from '../flow/liveness.ts';
import { findOutages, type OutageMemory } from '../flow/outages.ts';
import { SkewMeter } from '../flow/skewMeter.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import type { Micros, SchedulerRow } from '../sources/rows.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';
import type { SourceFacts } from './facts.ts';

const SECOND = 1e6;

/** Collects which schedulers are alive, the skew of their clocks, and outages. */
export class SchedulersCollector implements Collector {
  readonly name = 'schedulers';
  readonly everySeconds = 0;
  readonly isEssential = true;
  readonly needs = [];
  private readonly rules: LivenessRules & { pollUs: Micros };
  private readonly meter = new SkewMeter();
  private readonly memory: OutageMemory = { lastBeatUs: null, seenAtUs: null };

  constructor(private readonly context: CollectorContext) {
    this.rules = {
      thresholdUs: context.config.heartbeatThresholdSeconds * SECOND,
      forgetUs: context.schedulerForgetSeconds * SECOND,
      pollUs: context.pollSeconds * SECOND,
    };
  }

  async collect(session: Session): Promise<void> {
    // Impossible timestamps, such as infinity, are read as null.
    const rows = (await session.reader.health.schedulers()).filter(
      (row) => (row.heartbeat_us as Micros | null) !== null,
    );
    const nowUs = session.clock.readUs;
    this.meter.observe(rows, nowUs, session.clock.behindUs);
    const lives = judgeSchedulers(
      rows,
      nowUs,
      this.rules,
      (row) => this.meter.skewOf(row, this.rules.pollUs),
      (row) => this.meter.sinceMoved(row, nowUs),
    );
    session.facts.lives = lives;
    const skews = lives.filter((life) => life.alive).map((life) => this.meter.measured(life, this.rules.pollUs));
    session.facts.schedulerSkewUs = skews.reduce((worst, skew) => (Math.abs(skew) > Math.abs(worst) ? skew : worst), 0);
    // The bundled scheduler records its skew, and its timestamps come from the database's clock.
    const stamping = lives.filter((life) => life.alive && life.skew_us === null);
    const behind = stamping.map((life) => -this.meter.measured(life, this.rules.pollUs));
    session.facts.stampsBehindUs = Math.max(0, ...behind);
    this.findOutages(session.facts, rows, nowUs);
  }

  gauges({ facts, clock }: Session): GaugeSample[] {
    const open = facts.outagesFound.find((outage) => outage.to === null);
    // The recorded outage may have begun earlier than the present heartbeats show.
    const from = open && Math.min(open.from, facts.outages.find((outage) => outage.to === null)?.from ?? Infinity);
    const lives = facts.lives.slice(0, this.context.seriesLimit);
    // Where no scheduler has ever been seen, nobody knows how long there has been none: 0 would say that one is alive.
    const isKnown = from !== undefined || facts.newestBeatUs !== null;
    const outageSeconds = from === undefined ? 0 : (clock.nowUs - from) / SECOND;
    return [
      { metric: 'schedulersAlive', labels: {}, value: facts.lives.filter((life) => life.alive).length },
      ...(isKnown ? [{ metric: 'outageSeconds' as const, labels: {}, value: outageSeconds }] : []),
      { metric: 'clockSkew', labels: { clock: 'exporter' }, value: clock.skewUs / SECOND },
      { metric: 'clockSkew', labels: { clock: 'scheduler' }, value: facts.schedulerSkewUs / SECOND },
      ...lives.flatMap((life) => lifeGauges(life, clock.sinceReadUs)),
    ];
  }

  private findOutages(facts: SourceFacts, rows: readonly SchedulerRow[], nowUs: Micros): void {
    // Heartbeats are converted to the database's clock before they are compared with now.
    const corrected = rows.map((row) => ({
      ...row,
      heartbeat_us: row.heartbeat_us - this.meter.skewOf(row, this.rules.pollUs),
    }));
    facts.outagesFound = findOutages(corrected, this.memory, nowUs, this.rules.thresholdUs);
    const newest = corrected.reduce<Micros | null>((max, row) => Math.max(max ?? 0, row.heartbeat_us), null);
    facts.newestBeatUs = newest;
    this.memory.lastBeatUs = newest;
    this.memory.seenAtUs = nowUs;
  }
}

function lifeGauges(life: SchedulerLife, sinceUs: Micros): GaugeSample[] {
  const labels = { scheduler: life.name };
  const age = Math.max(0, life.age_us + sinceUs) / SECOND;
  return [
    { metric: 'schedulerAlive', labels, value: life.alive ? 1 : 0 },
    { metric: 'schedulerHeartbeatAge', labels, value: age },
  ];
}
