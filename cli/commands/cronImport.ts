import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../platform/errors.ts';
import { printable } from '../../platform/terminal.ts';
import { planImport, planProblem, type ImportPlan, type PlannedDag } from '../../scheduler/crontab/importPlan.ts';
import { parseCrontab, type CrontabProblem } from '../../scheduler/crontab/parse.ts';
import { toDags } from '../../scheduler/crontab/toDag.ts';
import { defaultDagsFolder } from '../../scheduler/config.ts';
import { print, printJson } from '../output.ts';

interface ImportOptions {
  dags: string;
  system: boolean;
  timezone: string;
  name?: string;
  keep: boolean;
  dryRun: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('cron-import')
    .description('Convert a crontab into DAGs, one per line')
    .argument('<file>', 'file with the crontab, such as the output of `crontab -l`; - for standard input')
    .option('--dags <folder>', 'folder of DAG files (default: RUNBEAT_DAGS, dags)', defaultDagsFolder())
    .option('--system', 'read the format of /etc/crontab and /etc/cron.d, with a user before the command', false)
    .option(
      '--timezone <name>',
      'time zone for lines without CRON_TZ',
      Intl.DateTimeFormat().resolvedOptions().timeZone,
    )
    .option(
      '--name <name>',
      'name of the import; a later import with this name updates its DAGs (default: the path of the file)',
    )
    .option('--keep', 'keep DAGs whose line is gone, and only list them', false)
    .option('--dry-run', 'only print what would be done', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
As with cron, missed runs are not started later. Unlike with cron, only one run of a DAG is active at a time.
Run the import again after the crontab has changed. An unchanged line keeps its DAG. The DAG of a line that is gone is
removed, and its runs are kept. Import the crontab of each user separately, with a --name if you pipe it in.
Lines that can't be imported are listed, and the exit status is then 1.`,
    )
    .action((file: string, options: ImportOptions) => importCrontab(file, options));
}

function importCrontab(file: string, options: ImportOptions): void {
  checkTimezone(options.timezone);
  const { entries, problems } = parseCrontab(readCrontab(file), options.system ? 'system' : 'user');
  const folder = path.join(options.dags, 'cron');
  const dated = entries.map((entry) => ({ ...entry, timezone: entry.timezone ?? options.timezone }));
  const dags = toDags(dated).filter((dag, at) => {
    const reason = planProblem(dag);
    const { line, written, command } = entries[at]!;
    if (reason !== null) problems.push({ line, text: `${written} ${command}`, reason, taken: false });
    return reason === null;
  });
  const name = options.name ?? (file === '-' ? '-' : path.resolve(file));
  const plan = planImport(dags, readImported(folder), name);
  const removed = options.keep ? [] : plan.gone;
  if (!options.dryRun) carryOut(folder, plan.write, removed);
  if (problems.some(({ taken }) => !taken)) process.exitCode = 1;
  if (options.json) printJson(asJson(folder, plan, problems, options));
  else describe(folder, plan, problems, options);
}

function asJson(folder: string, plan: ImportPlan, problems: CrontabProblem[], options: ImportOptions): object {
  const dags = plan.write.map(({ dagId, change }) => ({ dag_id: dagId, file: fileOf(folder, dagId), change }));
  const left = options.keep ? { removed: [], kept: plan.gone } : { removed: plan.gone, kept: [] };
  return { dags, ...left, unknown: plan.unknown, problems, dry_run: options.dryRun };
}

function describe(folder: string, plan: ImportPlan, problems: CrontabProblem[], options: ImportOptions): void {
  for (const { change, dagId } of plan.write) print(`${change.padEnd(9)}  ${dagId}`);
  for (const dagId of plan.gone) print(`${options.keep ? 'kept     ' : 'removed  '}  ${dagId}: its line is gone`);
  for (const dagId of plan.unknown)
    print(`unknown    ${dagId}: written by version 0.1.0 for a line that is not here; remove ${fileOf(folder, dagId)}`);
  for (const { line, text, reason, taken } of problems) {
    const message = `line ${line} ${taken ? 'was imported, but' : 'was not imported'}: ${reason}\n  ${text}`;
    process.stderr.write(`${printable(message)}\n`);
  }
  const changed = plan.write.filter(({ change }) => change !== 'unchanged').length;
  const refused = problems.filter(({ taken }) => !taken).length;
  const verb = options.dryRun ? 'would be written' : 'written';
  print(`${changed} of ${plan.write.length} DAGs ${verb} to ${folder}; ${refused} lines not imported.`);
  if (changed > 0 && !options.dryRun)
    print('Remove the lines from the crontab, or both cron and Runbeat will run them. See: runbeat dags list');
}

function fileOf(folder: string, dagId: string): string {
  return path.join(folder, `${dagId}.yaml`);
}

/** Files of earlier imports, by the id of their DAG. */
function readImported(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return new Map(names.map((name) => [path.basename(name, '.yaml'), readFileSync(path.join(folder, name), 'utf8')]));
}

/** Removes files before it writes new ones, so that the old and the new form of a line never run at the same time. */
function carryOut(folder: string, write: readonly PlannedDag[], removed: readonly string[]): void {
  for (const dagId of removed) rmSync(fileOf(folder, dagId));
  for (const { dagId, text, change } of write) {
    if (change === 'unchanged') continue;
    mkdirSync(folder, { recursive: true });
    const unfinished = path.join(folder, `.${dagId}.part`);
    writeFileSync(unfinished, text);
    renameSync(unfinished, fileOf(folder, dagId));
  }
}

function readCrontab(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message;
    throw new UserError(`the crontab ${file} can't be read: ${reason}`);
  }
}

function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new UserError(`there is no time zone "${timezone}"`, 'Use a name such as Europe/Berlin.');
  }
}
