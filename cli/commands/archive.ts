import { InvalidArgumentError, type Command } from 'commander';
import { archiveAll, countArchivable } from '../../scheduler/store/archive.ts';
import { UserError } from '../../platform/errors.ts';
import { print, printJson, withSchedulerDatabase } from '../schedulerDatabase.ts';

interface ArchiveOptions {
  olderThan?: number;
  batchSize: number;
  dryRun: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('archive')
    .description('move finished runs with their task instances to the archive tables')
    .option(
      '--older-than <days>',
      'ended at least so many days ago (default: RUNBEAT_ARCHIVE_AFTER_DAYS, 7)',
      number(0, 36_500),
    )
    .option('--batch-size <n>', 'runs moved in one transaction', number(1, 10_000), 200)
    .option('--dry-run', 'only count them', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
The last run of each DAG stays, so that nothing is run again; the lookup finds archived runs all the same. Schedulers do
this every hour by themselves.`,
    )
    .action((options: ArchiveOptions) => archive(options));
}

function archive(options: ArchiveOptions): Promise<void> {
  return withSchedulerDatabase(async (pool, config) => {
    // 0 days in the setting turns the schedule off; it asks for nothing here.
    const days = options.olderThan ?? (config.archiveAfterDays || 7);
    const ageSeconds = days * 86_400;
    if (options.dryRun) {
      const archivable = await countArchivable(pool, ageSeconds);
      if (options.json) printJson({ archivable, older_than_days: days });
      else print(`${archivable} runs ended more than ${days} days ago and would be archived.`);
      return;
    }
    const client = await pool.connect();
    try {
      const onBatch = (moved: number): void =>
        void (process.stderr.isTTY && process.stderr.write(`\r${moved} runs moved`));
      const moved = await archiveAll(client, { ageSeconds, batchSize: options.batchSize, onBatch });
      if (moved === null)
        throw new UserError('another process is archiving at the moment', 'Try again when it is done.');
      if (process.stderr.isTTY && moved > 0) process.stderr.write('\n');
      if (options.json) printJson({ archived: moved, older_than_days: days });
      else print(`Archived ${moved} runs that ended more than ${days} days ago.`);
    } finally {
      client.release(true);
    }
  });
}

function number(least: number, most: number): (value: string) => number {
  return (value) => {
    const result = Number(value);
    if (value.trim() !== '' && Number.isInteger(result) && result >= least && result <= most) return result;
    throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
  };
}
