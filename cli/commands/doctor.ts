import type { Command } from 'commander';
import { readExporterConfig, type ExporterConfig } from '../../exporter/config.ts';
import type { Finding } from '../../exporter/doctor/finding.ts';
import { examineIndex } from '../../exporter/doctor/index.ts';
import { examineExporter, examineGrafana, examinePrometheus } from '../../exporter/doctor/neighbours.ts';
import { examineSource } from '../../exporter/doctor/source.ts';
import { oneLine } from '../../platform/terminal.ts';
import { environmentWith, grafanaToken } from '../config.ts';

interface Options {
  prometheus?: string;
  grafana?: string;
  json?: boolean;
}

const HELP = `
Reads the settings of \`runbeat exporter\`, connects to everything that they name, and lists what is right, what is wrong and
how to fix it. The only thing that it changes is the schema of the exporter's own index, which it upgrades.

Exit status: 0 if everything is right, 1 if something is wrong, 2 if a setting is invalid.

Example:
  npx runbeat doctor --prometheus http://127.0.0.1:9090 --grafana http://127.0.0.1:3000`;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('Check everything that the exporter needs, and say how to fix what is wrong')
    .option('--prometheus <url>', 'the Prometheus that should scrape the exporter')
    .option('--grafana <url>', 'the Grafana that should reach the exporter; its token is read from GRAFANA_TOKEN')
    .option('--json', 'print the findings as JSON, one per line')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const findings = await examineAll(readExporterConfig(environmentWith()), options);
      const lines = options.json ? findings.map((finding) => JSON.stringify(finding)) : findings.flatMap(linesOf);
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      if (!options.json) process.stdout.write(`\n${summaryOf(findings)}\n`);
      process.exitCode = findings.some(({ verdict }) => verdict === 'fault') ? 1 : 0;
    });
}

async function examineAll(config: ExporterConfig, options: Options): Promise<Finding[]> {
  const { host, port } = config.listen;
  const everywhere = ['0.0.0.0', '::'].includes(host);
  const exporter = `http://${everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
  const examined = await Promise.all([
    ...config.sources.map((source) => examineSource(source, config.statementTimeoutSeconds)),
    examineIndex(config.indexUrl, config.dataDir),
    examineExporter(exporter),
    options.prometheus ? examinePrometheus(withoutSlash(options.prometheus)) : [],
    options.grafana ? examineGrafana(withoutSlash(options.grafana), grafanaToken()) : [],
  ]);
  return examined.flat();
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const MARKS = { ok: 'ok   ', warning: 'warn ', fault: 'FAULT' } as const;

function linesOf({ verdict, subject, text, advice }: Finding): string[] {
  const line = `${MARKS[verdict]} ${subject}: ${oneLine(text)}`;
  return advice ? [line, `      → ${oneLine(advice)}`] : [line];
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']): number => findings.filter((it) => it.verdict === verdict).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  if (faults + warnings === 0) return 'All is well.';
  return `${faults} ${faults === 1 ? 'fault' : 'faults'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
}
