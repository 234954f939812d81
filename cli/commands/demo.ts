import type { Command } from 'commander';
import { runDemo, type DemoOptions } from '../demo/run.ts';
import { wholeNumber } from '../wholeNumber.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description('run everything on this machine: database, schedulers, workers, arriving users, exporter, preview')
    .option('--users <n>', 'users that arrive at the start', wholeNumber(100_000), 5)
    .option('--exit', 'headless: end when these users are through, print a summary; exit 1 if a run failed', false)
    .option('--json', 'with --exit: the summary as JSON on stdout', false)
    .addHelpText(
      'after',
      `
Data stays in .runbeat/ between runs; remove that folder to start afresh. With RUNBEAT_DATABASE_URL set, that database is
used instead of the embedded one. Ctrl-C ends all of it.`,
    )
    .action(async (options: DemoOptions) => {
      process.exitCode = await runDemo(options);
    });
}
