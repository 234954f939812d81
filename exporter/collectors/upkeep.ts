import type { GaugeSample } from '../metrics/gauges.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';

/** Airflow itself treats a DAG that has not been parsed for this long as deleted (dag_stale_not_seen_duration). */
const PARSED_WITHIN_SECONDS = 600;

/** Collects problems of an Airflow that its schedulers can't solve: import errors, unparsed DAGs, and triggers without a triggerer. */
export class UpkeepCollector implements Collector {
  readonly name = 'upkeep';
  readonly everySeconds: number;
  readonly isEssential = false;
  readonly needs = [];
  private readonly thresholdSeconds: number;

  constructor({ settingsSeconds, config }: CollectorContext) {
    this.everySeconds = settingsSeconds;
    this.thresholdSeconds = config.heartbeatThresholdSeconds;
  }

  async collect({ reader, facts }: Session): Promise<void> {
    facts.upkeep = {
      importErrors: await reader.health.importErrors(),
      deferredUnserved: await reader.health.deferredUnserved(this.thresholdSeconds),
      unparsed: await reader.health.unparsedDags(PARSED_WITHIN_SECONDS),
    };
  }

  /** A value that the role may not read is omitted, not reported as 0. */
  gauges({ facts }: Session): GaugeSample[] {
    const { importErrors, deferredUnserved, unparsed } = facts.upkeep;
    const samples: [GaugeSample['metric'], number | null | undefined][] = [
      ['importErrors', importErrors?.total],
      ['deferredUnserved', deferredUnserved],
      ['dagsUnparsed', unparsed?.total],
    ];
    return samples.flatMap(([metric, value]) => (value == null ? [] : [{ metric, labels: {}, value }]));
  }
}
