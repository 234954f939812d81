import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../platform/errors.ts';
import { parseCrontab } from '../../scheduler/crontab/parse.ts';
import { toDags } from '../../scheduler/crontab/toDag.ts';
import { toYaml } from '../../scheduler/crontab/toYaml.ts';
import { defaultDagsFolder } from '../../scheduler/config.ts';
import { print, printJson } from '../schedulerDatabase.ts';

interface ImportOptions {
  dags: string;
  system: boolean;
  timezone: string;
  dryRun: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('cron-import')
    .description('turn a crontab into one DAG per line')
    .argument('<file>', 'the crontab, such as the output of `crontab -l`; - reads standard input')
    .option('--dags <folder>', 'folder of DAG files (default: RUNBEAT_DAGS, dags)', defaultDagsFolder())
    .option('--system', 'the form of /etc/crontab and /etc/cron.d, with a user before the command', false)
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
  const dated = entries.map((entry) => ({ ...entry, timezone: entry.timezone ?? options.timezone }));
  const dags = toDags(dated).map((dag) => {
    const text = toYaml(dag);
    const target = path.join(folder, `${dag.dag_id}.yaml`);
    return { dag_id: dag.dag_id, file: target, text, change: changeOf(target, text) };
  });
  const changed = dags.filter(({ change }) => change !== 'unchanged');
  if (!options.dryRun && changed.length > 0) {
    mkdirSync(folder, { recursive: true });
    for (const dag of changed) writeFileSync(dag.file, dag.text);
  }
  const refused = problems.filter(({ taken }) => !taken);
  if (refused.length > 0) process.exitCode = 1;
  if (options.json) {
    const written = dags.map(({ dag_id, file: target, change }) => ({ dag_id, file: target, change }));
    return printJson({ dags: written, problems, dry_run: options.dryRun });
  }
  for (const { change, dag_id: dagId } of dags) print(`${change.padEnd(9)}  ${dagId}`);
  for (const { line, text, reason, taken } of problems) {
    process.stderr.write(`line ${line} ${taken ? 'was taken, but' : 'was not taken'}: ${reason}\n  ${text}\n`);
  }
  const verb = options.dryRun ? 'would be written' : 'written';
  print(`${changed.length} of ${dags.length} DAGs ${verb} to ${folder}; ${refused.length} lines not taken.`);
  if (changed.length > 0 && !options.dryRun) {
    print('Take the lines out of the crontab, or both will run them. See: runbeat dags list');
  }
}

function changeOf(file: string, text: string): 'new' | 'changed' | 'unchanged' {
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
