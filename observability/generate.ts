import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { UserError } from '../platform/errors.ts';
import { ALERT_DOCS, withAlertTable } from './alerts/docs.ts';
import { prometheusRules } from './alerts/prometheus.ts';
import { lintPack } from './lint/pack.ts';
import { readServedMetrics, unservedMetrics, unservedPromises } from './liveExporter.ts';
import { fullPack } from './pack.ts';
import type { Pack } from './prometheusPack.ts';
import { DEFAULT_THRESHOLDS, parseThresholds, type Thresholds } from './thresholds.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const USAGE = `usage: npm run generate -- [--thresholds FILE --out FOLDER] [--exporter URL]

Writes provisioning/ (and the tables of ${ALERT_DOCS}) from the definitions in observability/.

  --thresholds FILE  your own thresholds, as YAML (docs/alerts.md lists them); needs --out
  --out FOLDER       write there instead of provisioning/
  --exporter URL     first ask this exporter whether it serves every metric that the rules read
`;

interface Options {
  thresholds?: string;
  out?: string;
  exporter?: string;
  help?: boolean;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return void process.stdout.write(USAGE);
  const thresholds = options.thresholds ? await readThresholds(options.thresholds) : DEFAULT_THRESHOLDS;
  if (options.exporter) await askExporter(options.exporter, thresholds);
  const pack = fullPack(thresholds);
  refuse(lintPack(pack), 'nothing was written, because the pack does not hold together');
  const folder = path.resolve(options.out ?? path.join(ROOT, 'provisioning'));
  await writePack(pack, folder);
  if (!options.out) await writeDocs();
  process.stdout.write(`${pack.size} files written to ${path.relative(process.cwd(), folder) || '.'}\n`);
}

function readOptions(): Options {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      options: { thresholds: text, out: text, exporter: text, help: { type: 'boolean', short: 'h' } },
    });
    // The committed pack uses the default thresholds; a custom one goes elsewhere.
    if (values.thresholds && !values.out) throw new UserError('--thresholds needs --out');
    return values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

async function readThresholds(file: string): Promise<Thresholds> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UserError(`the thresholds could not be read: ${error.message}`);
  });
  try {
    return parseThresholds(parse(text));
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`${file} is no YAML: ${(error as Error).message}`);
  }
}

async function askExporter(url: string, thresholds: Thresholds): Promise<void> {
  const served = await readServedMetrics(url);
  const missing = [
    ...unservedMetrics(Object.values(prometheusRules(thresholds)), served),
    ...unservedPromises(thresholds, served),
  ];
  refuse(missing, 'nothing was written, because these rules would never fire with this exporter; update it first');
}

function refuse(problems: string[], summary: string): void {
  if (problems.length > 0) throw new UserError([`${summary}:`, ...problems.map((line) => `  ${line}`)].join('\n'));
}

async function writePack(pack: Pack, folder: string): Promise<void> {
  for (const [name, text] of pack) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

async function writeDocs(): Promise<void> {
  const file = path.join(ROOT, ALERT_DOCS);
  await writeFile(file, withAlertTable(await readFile(file, 'utf8'), DEFAULT_THRESHOLDS));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n${error.advice ? `${error.advice}\n` : ''}`);
  process.exitCode = 2;
}
