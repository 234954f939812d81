import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import * as archive from './commands/archive.ts';
import * as cronImport from './commands/cronImport.ts';
import * as dags from './commands/dags.ts';
import * as demo from './commands/demo.ts';
import * as exporter from './commands/exporter.ts';
import * as lookup from './commands/lookup.ts';
import * as migrate from './commands/migrate.ts';
import * as runs from './commands/runs.ts';
import * as scheduler from './commands/scheduler.ts';
import * as worker from './commands/worker.ts';

const COMMANDS = [demo, migrate, scheduler, worker, exporter, dags, runs, lookup, cronImport, archive];

/** The `runbeat` command. Parsing errors are thrown as CommanderError after their message has been written. */
export function createProgram(): Command {
  const program = new Command('runbeat')
    .description('Is the scheduler alive, is it scheduling, and which run is user 42?')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  for (const command of COMMANDS) command.register(program);
  return program;
}

/** The package.json lies beside cli/ in a checkout and one folder further up from the compiled build/cli/. */
function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string };
      return version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
