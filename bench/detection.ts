import { DEFAULT_THRESHOLDS } from '../observability/thresholds.ts';
import { freePort } from '../platform/postgres/embedded.ts';
import type { Bench } from './figure.ts';
import { missingBinaries } from '../platform/processes/binaries.ts';
import { PRODUCTION_PACE } from './stack/services.ts';
import { startStack, type Stack } from './stack/stack.ts';

/** The limit is the threshold + 15 s from kill -9 to firing. */
const LIMIT_SECONDS = 15;
const ROUNDS = 3;

/**
 * Kills the only scheduler (kill -9) with the shipped configuration and production intervals. `seconds_after_threshold` is the time from
 * the kill until the alert fires in Prometheus, minus the heartbeat threshold. It may be negative, because the last heartbeat may be some
 * seconds old at the kill. `--scale` is the number of kills.
 */
export const run: Bench = async ({ scale = ROUNDS }, print) => {
  const missing = missingBinaries('prometheus', 'alertmanager');
  if (missing) throw new Error(`detection needs ${missing} on the PATH`);
  const port = await freePort();
  const stack = await startStack({
    thresholds: DEFAULT_THRESHOLDS,
    pace: PRODUCTION_PACE,
    exporterPorts: [port],
  });
  try {
    await stack.services.exporter(port);
    const kills: Detection[] = [];
    for (let round = 0; round < scale; round += 1) {
      kills.push(await killOnce(stack, round, kills.at(-1)));
      const { firing, notified } = kills.at(-1)!;
      console.error(
        `kill ${round + 1}: firing ${firing.toFixed(2)} s after the threshold, notified after ${notified.toFixed(2)} s`,
      );
    }
    const worst = (pick: (kill: Detection) => number): number => Math.max(...kills.map(pick));
    const figure = (metric: string, value: number): void => {
      const rounded = Number(value.toFixed(2));
      print({
        bench: 'detection',
        metric,
        value: rounded,
        unit: 's',
        vs: `${LIMIT_SECONDS} s`,
        ratio: Number((rounded / LIMIT_SECONDS).toFixed(2)),
      });
    };
    figure(
      'seconds_after_threshold',
      worst(({ firing }) => firing),
    );
    figure(
      'notified_seconds_after_threshold',
      worst(({ notified }) => notified),
    );
  } finally {
    await stack.stop();
  }
};

interface Detection {
  /** Milliseconds since 1970. */
  killedAt: number;
  /** Seconds after the kill and the threshold. */
  firing: number;
  notified: number;
}

async function killOnce(
  { services, monitoring, webhook }: Stack,
  round: number,
  last: Detection | undefined,
): Promise<Detection> {
  const threshold = PRODUCTION_PACE.heartbeatThreshold;
  const scheduler = services.scheduler();
  await monitoring.sees('runbeat_schedulers_alive > 0', 120);
  // Alertmanager does not notify again about an alert whose end it has not reported yet.
  if (last) await webhook.arrival('RunbeatSchedulerDown', 'resolved', 180, last.killedAt);
  await monitoring.sees('ALERTS{alertname="RunbeatSchedulerDown"}', 120, { empty: true });
  // Kill at different phases of heartbeat, scrape and evaluation, each of which takes 5 s.
  await new Promise((resolve) => setTimeout(resolve, (round * 1_700) % 5_000));
  const killedAt = Date.now();
  await scheduler.kill();
  await monitoring.firing('RunbeatSchedulerDown', threshold + 60);
  const firing = (Date.now() - killedAt) / 1_000 - threshold;
  const { receivedAt } = await webhook.arrival('RunbeatSchedulerDown', 'firing', 120, killedAt);
  return { killedAt, firing, notified: (receivedAt - killedAt) / 1_000 - threshold };
}
