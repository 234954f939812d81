import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prometheusPack } from '../../observability/prometheusPack.ts';
import type { Thresholds } from '../../observability/thresholds.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { findBinary } from '../../platform/processes/binaries.ts';
import { Child } from '../../platform/processes/child.ts';
import { until } from './until.ts';

export interface QueryResult {
  metric: Record<string, string>;
  value: [number, string];
}

export interface ActiveAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
  activeAt: string;
}

/** A real Prometheus and, if there is a receiver, a real Alertmanager, with the shipped configuration. */
export class Monitoring {
  private constructor(
    readonly url: string,
    readonly alertmanagerUrl: string,
    private readonly children: Child[],
    private readonly folder: string,
  ) {}

  /** Starts both in a folder; `exporters` are `host:port`, `webhook` is the receiver of notifications. */
  static async start(
    folder: string,
    thresholds: Thresholds,
    exporters: string[],
    webhook: string,
  ): Promise<Monitoring> {
    const [port, alertmanagerPort] = [await freePort(), await freePort()];
    const endpoints = {
      exporters,
      webhook,
      prometheus: `127.0.0.1:${port}`,
      alertmanagers: [`127.0.0.1:${alertmanagerPort}`],
    };
    for (const [name, text] of prometheusPack(thresholds, endpoints)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    const children = [startPrometheus(folder, port), startAlertmanager(folder, alertmanagerPort)];
    const urls = [port, alertmanagerPort].map((it) => `http://127.0.0.1:${it}`);
    const monitoring = new Monitoring(urls[0]!, urls[1]!, children, folder);
    await until('Prometheus and Alertmanager are ready', 30, () => monitoring.isReady());
    return monitoring;
  }

  private async isReady(): Promise<true | null> {
    for (const child of this.children) child.mustRun();
    const answers = await Promise.all([fetch(`${this.url}/-/ready`), fetch(`${this.alertmanagerUrl}/-/ready`)]);
    return answers.every(({ ok }) => ok) ? true : null;
  }

  /** Result of an instant query for now. */
  async query(expr: string): Promise<QueryResult[]> {
    const { result } = await this.api<{ result: QueryResult[] }>(`query?query=${encodeURIComponent(expr)}`);
    return result;
  }

  /** Alerts that are pending or firing now. */
  async alerts(): Promise<ActiveAlert[]> {
    return (await this.api<{ alerts: ActiveAlert[] }>('alerts')).alerts;
  }

  /** Resolves with the alert when it is firing in Prometheus. */
  firing(name: string, seconds: number): Promise<ActiveAlert> {
    return until(`${name} is firing`, seconds, async () => {
      const match = ({ state, labels }: ActiveAlert): boolean => state === 'firing' && labels.alertname === name;
      return (await this.alerts()).find(match) ?? null;
    });
  }

  /** Resolves when an expression returns something (or, with `empty`, nothing). */
  async sees(expr: string, seconds: number, { empty = false } = {}): Promise<void> {
    const wanted = empty ? 'answers nothing' : 'answers';
    await until(`${expr} ${wanted}`, seconds, async () => ((await this.query(expr)).length === 0) === empty || null);
  }

  /** Names of alerts that Alertmanager inhibits because another one fires. */
  async heldBack(): Promise<string[]> {
    const response = await fetch(`${this.alertmanagerUrl}/api/v2/alerts`);
    const alerts = (await response.json()) as { labels: { alertname: string }; status: { inhibitedBy: string[] } }[];
    return alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels.alertname);
  }

  /** Stops Prometheus, and starts it again with its data after a while. */
  async restartPrometheus(secondsAway: number): Promise<void> {
    await this.children[0]!.stop();
    await new Promise((resolve) => setTimeout(resolve, secondsAway * 1_000));
    this.children[0] = startPrometheus(this.folder, Number(new URL(this.url).port));
    await until('Prometheus is ready again', 30, () => this.isReady());
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
  }

  private async api<Data>(pathAndQuery: string): Promise<Data> {
    const response = await fetch(`${this.url}/api/v1/${pathAndQuery}`);
    const { data, error } = (await response.json()) as { data: Data; error?: string };
    if (error) throw new Error(`Prometheus: ${error}`);
    return data;
  }
}

/** A Prometheus with a folder that contains its configuration, and possibly blocks of data. */
export function startPrometheus(folder: string, port: number, flags: readonly string[] = []): Child {
  return new Child('prometheus', findBinary('prometheus')!, [
    `--config.file=${path.join(folder, 'prometheus/prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    '--log.level=warn',
    ...flags,
  ]);
}

function startAlertmanager(folder: string, port: number): Child {
  return new Child('alertmanager', findBinary('alertmanager')!, [
    `--config.file=${path.join(folder, 'alertmanager/alertmanager.yml')}`,
    `--storage.path=${path.join(folder, 'alertmanager-data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
}
