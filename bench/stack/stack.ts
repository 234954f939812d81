import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Thresholds } from '../../observability/thresholds.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { Monitoring } from './prometheus.ts';
import { Services, type Pace } from './services.ts';
import { Webhook } from './webhook.ts';

/** Everything between a scheduler and the person who is paged, with real components only. */
export interface Stack {
  services: Services;
  monitoring: Monitoring;
  webhook: Webhook;
  databaseUrl: string;
  /** Runs a statement as the superuser. */
  administer(statement: string): Promise<void>;
  /** Stops the database, and starts it again at the same address with its data. */
  database: { stop(): Promise<void>; start(): Promise<void> };
  stop(): Promise<void>;
}

export interface StackOptions {
  thresholds: Thresholds;
  pace: Pace;
  /** Ports of exporters that Prometheus scrapes. The caller starts the exporters. */
  exporterPorts: number[];
}

/** Starts database, Prometheus, Alertmanager and the receiver. The caller starts schedulers and exporters. */
export async function startStack({ thresholds, pace, exporterPorts }: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runbeat-stack-'));
  await chmod(folder, 0o755);
  const dataDir = path.join(folder, 'postgres');
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    let postgres: EmbeddedPostgres = await startEmbedded({ dataDir, durable: false });
    stops.push(() => postgres.stop());
    await migrateScheduler(postgres.url);
    const webhook = await Webhook.start();
    stops.push(() => webhook.stop());
    const addresses = exporterPorts.map((port) => `127.0.0.1:${port}`);
    const monitoring = await Monitoring.start(folder, thresholds, addresses, webhook.url);
    stops.push(() => monitoring.stop());
    const services = new Services(postgres.url, pace);
    stops.push(() => services.stop());
    const database = {
      stop: () => postgres.stop(),
      start: async () => {
        postgres = await startEmbedded({ dataDir, durable: false, port: postgres.port });
      },
    };
    const administer = (statement: string): Promise<void> =>
      withClient({ url: postgres.adminUrlOf('postgres'), name: 'administrator' }, async (client) => {
        await client.query(statement);
      });
    return { services, monitoring, webhook, databaseUrl: postgres.url, administer, database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
