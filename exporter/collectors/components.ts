import { judgeComponents } from '../flow/components.ts';
import { SkewMeter } from '../flow/skewMeter.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import type { Micros } from '../sources/rows.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';

const SECOND = 1e6;

/** Collects the liveness of Airflow's triggerers and DAG processors, by the same rules as for schedulers. */
export class ComponentsCollector implements Collector {
  readonly name = 'components';
  readonly everySeconds = 0;
  readonly isEssential = false;
  readonly needs = ['schedulers'];
  private readonly meter = new SkewMeter();
  private readonly rules: { thresholdUs: Micros; forgetUs: Micros };
  private readonly pollUs: Micros;
  private readonly seriesLimit: number;

  constructor({ config, pollSeconds, schedulerForgetSeconds, seriesLimit }: CollectorContext) {
    this.rules = {
      thresholdUs: config.heartbeatThresholdSeconds * SECOND,
      forgetUs: schedulerForgetSeconds * SECOND,
    };
    this.pollUs = pollSeconds * SECOND;
    this.seriesLimit = seriesLimit;
  }

  async collect({ reader, facts, clock }: Session): Promise<void> {
    const rows = await reader.health.components();
    const nowUs = clock.readUs;
    this.meter.observe(rows, nowUs, clock.behindUs);
    facts.components = judgeComponents(
      rows,
      nowUs,
      this.rules,
      (row) => this.meter.skewOf(row, this.pollUs),
      (row) => this.meter.sinceMoved(row, nowUs),
    );
  }

  gauges({ facts, clock }: Session): GaugeSample[] {
    const schedulers = facts.lives.map((life) => ({ ...life, component: 'scheduler' as const }));
    return [...schedulers, ...(facts.components ?? [])].slice(0, this.seriesLimit).flatMap((life) => {
      const labels = { component: life.component, instance: life.name };
      const age = Math.max(0, life.age_us + clock.sinceReadUs) / SECOND;
      return [
        { metric: 'componentAlive' as const, labels, value: life.alive ? 1 : 0 },
        { metric: 'componentHeartbeatAge' as const, labels, value: age },
      ];
    });
  }
}
