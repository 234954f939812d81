import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { readExporterConfig, type ExporterConfig } from '../../exporter/config.ts';
import { startExporter } from '../../exporter/main.ts';
import { createLogger } from '../../platform/log.ts';
import { environmentWith } from '../config.ts';

export function register(program: Command): void {
  program
    .command('exporter')
    .description('Observe a scheduler database, and serve /metrics for Prometheus and the API for the Grafana app')
    .option('--source-url <url>', 'database to observe, read-only (RUNBEAT_SOURCE_URL, else RUNBEAT_DATABASE_URL)')
    .option('--source-name <name>', 'value of the label "source" (RUNBEAT_SOURCE_NAME)')
    .option(
      '--index-url <url>',
      "database for the exporter's index; default: an embedded one in .runbeat/ (RUNBEAT_INDEX_URL)",
    )
    .option('--listen <host:port>', 'address to listen on, 127.0.0.1:9550 by default (RUNBEAT_LISTEN)')
    .option('--keys <list>', 'business keys, e.g. "user_id=conf.user_id" (RUNBEAT_KEYS)')
    .option('--ui-url <url>', "base URL of the observed Airflow's UI (RUNBEAT_UI_URL)")
    .option('--config <file>', 'YAML file with several sources and promises, runbeat.yaml by default (RUNBEAT_CONFIG)')
    .addHelpText('after', HELP)
    .action(async (options: Record<string, string | undefined>) => {
      keepMemorySmall();
      const read = (): ExporterConfig => readExporterConfig(environmentWith(asEnvironment(options)));
      const config = read();
      // While it starts, as when it waits for its index, a hang-up must not end it.
      let reload = (): void => undefined;
      process.on('SIGHUP', () => reload());
      const exporter = await startExporter(config, createLogger('exporter', config.logLevel), read);
      reload = () => exporter.reload();
      await untilStopped();
      await exporter.stop();
    });
}

const HELP = `
Every option is also a setting. docs/exporter.md lists all settings.

To observe an existing Airflow, a read-only URL is enough:
  RUNBEAT_SOURCE_PASSWORD_FILE=~/.runbeat-reader \\
    npx runbeat exporter --source-url postgres://runbeat_reader@db.example.com/airflow

Then: http://127.0.0.1:9550/metrics, /readyz, /openapi.json`;

const SETTINGS: Readonly<Record<string, string>> = {
  sourceUrl: 'RUNBEAT_SOURCE_URL',
  sourceName: 'RUNBEAT_SOURCE_NAME',
  indexUrl: 'RUNBEAT_INDEX_URL',
  listen: 'RUNBEAT_LISTEN',
  keys: 'RUNBEAT_KEYS',
  uiUrl: 'RUNBEAT_UI_URL',
  config: 'RUNBEAT_CONFIG',
};

function asEnvironment(options: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([option, value]) => [SETTINGS[option]!, value]));
}

/** Limits the young generation of the heap. Most objects live only briefly, so a larger one would only hold garbage. */
function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
