import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBinary } from '../../platform/processes/binaries.ts';
import { Child } from '../../platform/processes/child.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import type { RunningPrometheus } from '../../cli/demo/prometheus.ts';
import { poll } from './stack.ts';

/** A Prometheus that scrapes the exporter without Runbeat's rules. */
export async function startPlainPrometheus(exporterUrl: string): Promise<RunningPrometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-prometheus-'));
  const config = path.join(folder, 'prometheus.yml');
  const job = { job_name: 'runbeat', static_configs: [{ targets: [new URL(exporterUrl).host] }] };
  writeFileSync(config, JSON.stringify({ global: { scrape_interval: '2s' }, scrape_configs: [job] }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = new Child('Prometheus', findBinary('prometheus')!, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
    '--log.level=warn',
  ]);
  await poll(async () => (await fetch(`${url}/-/ready`)).ok, 'a Prometheus to be ready');
  return {
    url,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
