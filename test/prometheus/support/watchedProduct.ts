import type pg from 'pg';
import { startStack, type Stack } from '../../../bench/stack/stack.ts';
import { until } from '../../../bench/stack/until.ts';
import { DEFAULT_THRESHOLDS, sped } from '../../../observability/thresholds.ts';
import { freePort } from '../../../platform/postgres/embedded.ts';
import type { Child } from '../../../platform/processes/child.ts';
import { openPool } from '../../postgres/pool.ts';

/** The setting that shortens every interval of the shipped configuration. */
const FASTER = 5;
const PACE = { heartbeatInterval: 1, heartbeatThreshold: 30 / FASTER, pollInterval: 0.4 };
/** Seconds. Far longer than any notification takes, even on a busy machine. Only a hang exceeds it. */
export const ARRIVAL = 240;
/** Limit for a whole outage, from its beginning until everything is healthy, in milliseconds. */
export const TIMEOUT = 4 * ARRIVAL * 1_000;

interface Exporter {
  child: Child;
  start: () => Promise<Child>;
}

/**
 * The whole way from a scheduler to the person who is paged, in a healthy state: real PostgreSQL, two schedulers, two
 * exporters with an index each, a worker, Prometheus and Alertmanager with the shipped configuration, and a receiver.
 */
export class WatchedProduct {
  schedulers: Child[] = [];

  private constructor(
    readonly stack: Stack,
    readonly pool: pg.Pool,
    readonly exporters: readonly Exporter[],
  ) {}

  static async start(): Promise<WatchedProduct> {
    const ports = [await freePort(), await freePort()];
    const stack = await startStack({ thresholds: sped(DEFAULT_THRESHOLDS, FASTER), pace: PACE, exporterPorts: ports });
    try {
      return await WatchedProduct.startOn(stack, ports);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  private static async startOn(stack: Stack, ports: readonly number[]): Promise<WatchedProduct> {
    // The outage of the database ends this connection, too.
    const pool = openPool(stack.databaseUrl, 1);
    await stack.administer('create database second_index owner runbeat');
    const secondIndex = new URL(stack.databaseUrl);
    secondIndex.pathname = '/second_index';
    const exporters: Exporter[] = [];
    for (const [port, index] of [
      [ports[0]!, ''],
      [ports[1]!, secondIndex.href],
    ] as const) {
      const start = async (): Promise<Child> =>
        (await stack.services.exporter(port, { RUNBEAT_INDEX_URL: index })).child;
      exporters.push({ child: await start(), start });
    }
    stack.services.worker();
    const product = new WatchedProduct(stack, pool, exporters);
    await product.replaceSchedulers();
    await product.allIsWell();
    return product;
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.stack.stop();
  }

  /** No alert is active, and Alertmanager has sent that. An alert that fires again before that sends no new notification. */
  async allIsWell(): Promise<void> {
    await this.stack.monitoring.sees('ALERTS', ARRIVAL, { empty: true });
    await until('the end of each alert arrives', ARRIVAL, () => this.unended().length === 0 || null);
  }

  /** Labels of alerts that were sent as firing but not as resolved. */
  private unended(): string[] {
    const last = new Map(this.stack.webhook.received.map(({ labels, status }) => [JSON.stringify(labels), status]));
    return [...last].filter(([, status]) => status === 'firing').map(([labels]) => labels);
  }

  /** Names of the alerts that were sent since a certain time. */
  rang(since: number): string[] {
    const firing = this.stack.webhook.received.filter((it) => it.status === 'firing' && it.receivedAt >= since);
    return [...new Set(firing.map(({ labels }) => labels.alertname!))];
  }

  async replaceSchedulers(): Promise<void> {
    this.schedulers = [this.stack.services.scheduler(), this.stack.services.scheduler()];
    await this.stack.monitoring.sees('min(runbeat_schedulers_alive) >= 2', ARRIVAL);
  }

  /** Two schedulers have been alive for so long that the alert expects both. */
  async twoAreNormal(): Promise<void> {
    await this.stack.monitoring.sees('source:runbeat_schedulers_alive:sustained >= 2', 2 * ARRIVAL);
  }
}
