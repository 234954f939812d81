import { Command, Help, type Option } from 'commander';
import { EXPORTER_SETTINGS } from '../exporter/config.ts';
import { PACKAGE_VERSION } from '../platform/package.ts';
import { SCHEDULER_SETTINGS } from '../scheduler/config.ts';
import * as archive from './commands/archive.ts';
import * as cronImport from './commands/cronImport.ts';
import * as dags from './commands/dags.ts';
import * as demo from './commands/demo.ts';
import * as doctor from './commands/doctor.ts';
import * as exporter from './commands/exporter.ts';
import * as lookup from './commands/lookup.ts';
import * as migrate from './commands/migrate.ts';
import * as runs from './commands/runs.ts';
import * as scheduler from './commands/scheduler.ts';
import * as worker from './commands/worker.ts';

const COMMANDS = [demo, migrate, scheduler, worker, exporter, dags, runs, lookup, cronImport, archive, doctor];

/** Describes an option, without its default if that is off. */
function describeOption(option: Option): string {
  return option.defaultValue === false ? option.description : Help.prototype.optionDescription(option);
}

/** A line that names the setting for an option that does not exist, such as `--dags`; empty if there is none. */
function settingInstead(message: string): string {
  const option = /unknown option '--(?:no-)?([a-z-]+)/.exec(message)?.[1];
  const setting = `RUNBEAT_${option?.replaceAll('-', '_').toUpperCase()}`;
  if (![...SCHEDULER_SETTINGS, ...EXPORTER_SETTINGS].includes(setting)) return '';
  return `This is a setting in the environment: ${setting}=…\n`;
}

/** The `runbeat` command. Parsing errors are thrown as CommanderError after their message has been written. */
export function createProgram(): Command {
  const program = new Command('runbeat')
    .description('Is the scheduler alive, is it scheduling, and which run is user 42?')
    .version(PACKAGE_VERSION)
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({ outputError: (message, write) => write(message + settingInstead(message)) })
    .configureHelp({ optionDescription: describeOption })
    .exitOverride();
  for (const command of COMMANDS) command.register(program);
  return program;
}
