import type { Command } from 'commander';
import { listBreakages } from '../demo/breakages.ts';
import { breakDemo, mendDemo } from '../demo/remote.ts';
import { runDemo, type DemoOptions } from '../demo/run.ts';
import { wholeNumber } from '../wholeNumber.ts';

/** How long to wait before exiting, because resources that are still open must not keep the process alive after the demo has ended. */
const LAST_WAIT_MS = 5_000;

export function register(program: Command): void {
  const demo = program
    .command('demo')
    .description('Run everything on this machine: database, schedulers, workers, simulated users, exporter, preview')
    .option('--users <n>', 'number of users that arrive at the start', wholeNumber(100_000), 5)
    .option(
      '--exit',
      'no preview: stop when all users are served, print a summary; exit status 1 if a run failed',
      false,
    )
    .option('--airflow', 'use a real Airflow 3, installed from PyPI into .runbeat/ (needs Python 3.11)', false)
    .option('--json', 'with --exit: print the summary as JSON', false)
    .addHelpText(
      'after',
      `
The data is kept in .runbeat/. Remove that folder to start from scratch. If RUNBEAT_DATABASE_URL is set, that database is
used instead of the embedded one. Ctrl-C stops everything.`,
    )
    .action(async (options: DemoOptions) => {
      process.exitCode = await runDemo(options);
      setTimeout(() => process.exit(), LAST_WAIT_MS).unref();
    });
  demo
    .command('break <what>')
    .description('Break something in the running demo, to see how Runbeat shows it (run it in the same folder)')
    .addHelpText('after', `\nWhat you can break:\n${listBreakages()}`)
    .action(async (what: string) => void process.stdout.write(`${await breakDemo(what)}\n`));
  demo
    .command('mend [what]')
    .description('Repair what is broken; without a name, everything')
    .action(async (what: string | undefined) => void process.stdout.write(`${await mendDemo(what)}\n`));
}
