import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prometheusPack } from '../../observability/prometheusPack.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../observability/thresholds.ts';
import { findBinary } from '../../platform/processes/binaries.ts';
import { Child } from '../../platform/processes/child.ts';

const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

interface PrometheusOptions {
  /** Folder of its configuration and data, which are kept so that charts survive a restart. */
  folder: string;
  /** host:port of the exporter to scrape. */
  exporter: string;
  /** Port of Prometheus on 127.0.0.1. */
  port: number;
  thresholds?: Thresholds;
}

export interface RunningPrometheus {
  url: string;
  stop(): Promise<void>;
}

/** Starts a real Prometheus with the shipped configuration and rules, and waits until it is ready. Null if none is installed. */
export async function startPrometheus({
  folder,
  exporter,
  port,
  thresholds = DEFAULT_THRESHOLDS,
}: PrometheusOptions): Promise<RunningPrometheus | null> {
  const binary = findBinary('prometheus');
  if (!binary) return null;
  await writePack(folder, exporter, `127.0.0.1:${port}`, thresholds);
  const child = new Child('Prometheus', binary, [
    `--config.file=${path.join(folder, 'prometheus/prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    '--log.level=warn',
  ]);
  const running = { url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
  try {
    await untilReady(running.url, child);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function writePack(folder: string, exporter: string, prometheus: string, thresholds: Thresholds): Promise<void> {
  const endpoints = { exporters: [exporter], prometheus, alertmanagers: [], webhook: 'http://nobody.invalid/' };
  for (const [name, text] of prometheusPack(thresholds, endpoints)) {
    if (!name.startsWith('prometheus/')) continue;
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

async function untilReady(url: string, child: Child): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    child.mustRun();
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new Error(`Prometheus was not ready within ${READY_WITHIN_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
