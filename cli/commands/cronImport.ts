import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../platform/errors.ts';
import { cronDagFiles, type CronDagFile } from '../../scheduler/core/cronDag.ts';
import { parseCrontab } from '../../scheduler/core/crontab.ts';
import { print, printJson } from '../schedulerDatabase.ts';

interface ImportOptions {
  dags: string;
  system: boolean;
  prefix: string;
  timezone: string;
  dryRun: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('cron-import')
    .description('turn a crontab into one DAG per line')
    .argument('<file>', 'the crontab, such as the output of `crontab -l`; - reads standard input')
    .option('--dags <folder>', 'folder of DAG files (default: RUNBEAT_DAGS, dags)', process.env.RUNBEAT_DAGS || 'dags')
    .option('--system', 'the form of /etc/crontab and /etc/cron.d, with a user before the command', false)
    .option('--prefix <name>', "first part of the DAGs' ids, such as the host's name", 'cron')
    .option('--timezone <name>', 'time zone of lines without CRON_TZ', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--dry-run', 'only say what would be written', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
Each DAG runs once at a time and makes up for nothing that it missed, as cron does. Run it again after the crontab has
changed: a line that is there already keeps its DAG. Lines that can't be taken are listed, and the exit status is 1.`,
    )
    .action((file: string, options: ImportOptions) => importCrontab(file, options));
}

function importCrontab(file: string, options: ImportOptions): void {
  checkTimezone(options.timezone);
  const { entries, problems } = parseCrontab(readCrontab(file), options.system ? 'system' : 'user');
  const folder = path.join(options.dags, 'cron');
  const files = cronDagFiles(entries, options).map((dagFile) => ({ ...dagFile, change: changeOf(folder, dagFile) }));
  const changed = files.filter(({ change }) => change !== 'unchanged');
  if (!options.dryRun && changed.length > 0) {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of changed) writeFileSync(path.join(folder, name), text);
  }
  if (problems.length > 0) process.exitCode = 1;
  const dags = files.map(({ dagId, name, change }) => ({ dag_id: dagId, file: path.join(folder, name), change }));
  if (options.json) return printJson({ dags, problems, dry_run: options.dryRun });
  for (const dag of dags) print(`${dag.change.padEnd(9)}  ${dag.dag_id}`);
  for (const { line, text, reason } of problems)
    process.stderr.write(`line ${line} was not taken: ${reason}\n  ${text}\n`);
  const verb = options.dryRun ? 'would be written' : 'written';
  print(`${changed.length} of ${files.length} DAGs ${verb} to ${folder}; ${problems.length} lines not taken.`);
  if (changed.length > 0 && !options.dryRun)
    print('Take the lines out of the crontab, or both will run them. See: runbeat dags list');
}

function changeOf(folder: string, { name, text }: CronDagFile): 'new' | 'changed' | 'unchanged' {
  const file = path.join(folder, name);
  if (!existsSync(file)) return 'new';
  return readFileSync(file, 'utf8') === text ? 'unchanged' : 'changed';
}

function readCrontab(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`the crontab ${file} can't be read: ${(error as Error).message}`);
  }
}

function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new UserError(`there is no time zone "${timezone}"`, 'It takes names such as Europe/Berlin.');
  }
}
