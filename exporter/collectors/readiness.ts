import { setImmediate as others } from 'node:timers/promises';
import { byTaskId } from '../flow/transitions.ts';
import type { ActiveRun } from '../flow/waiting/activeRun.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';
import { readDagsAndPools } from './dags.ts';

/** Number of active runs to prepare before pending requests are handled. */
const RUNS_AT_ONCE = 50;
/** If work seems to have been ready for longer than this, the settings of DAGs and pools are read again before it is reported. */
const IN_DOUBT_SECONDS = 3;

/** Determines why unfinished work waits, and for how long the schedulers have left ready work alone. */
export class ReadinessCollector implements Collector {
  readonly name = 'readiness';
  readonly everySeconds = 0;
  readonly isEssential = false;
  readonly needs = ['dags', 'runs'];
  private readonly config: CollectorContext['config'];

  constructor({ config }: CollectorContext) {
    this.config = config;
  }

  async collect(session: Session): Promise<void> {
    const { facts, follower, reader } = session;
    if (facts.waits.oldestSeconds > IN_DOUBT_SECONDS) await readDagsAndPools(session);
    const runs: ActiveRun[] = [];
    for (const tracked of follower.active.values()) {
      const all = [...tracked.tasks.values()];
      runs.push({ run: tracked.run, all, tasks: byTaskId(all), structure: follower.structureOfRun(tracked) });
      if (runs.length % RUNS_AT_ONCE === 0) await others();
    }
    facts.waits.update({
      nowUs: facts.runsAtUs!,
      runs,
      ended: facts.endedRuns.map(({ run, tasks }) => ({ run, all: [...tasks.values()] })),
      due: this.config.useJobSchedule ? facts.due : [],
      limits: {
        kind: reader.dialect.kind,
        dags: facts.dags,
        pools: facts.pools,
        backfills: facts.backfills,
        executorCallbacks: facts.executorCallbacks,
        parkedCountForTask: reader.dialect.parkedCountForTask,
        windowPerRun: reader.dialect.windowPerRun,
        backfillsExaminedLast: reader.dialect.backfillsExaminedLast,
      },
      parallelism: this.config.parallelism,
      liveSchedulers: facts.lives.filter((life) => life.alive).map((life) => life.name),
      schedulerSkewUs: facts.schedulerSkewUs,
    });
  }

  gauges({ facts }: Session): GaugeSample[] {
    return [{ metric: 'oldestReadyTaskAge', labels: {}, value: facts.waits.oldestSeconds }];
  }
}
