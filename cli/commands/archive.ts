import { InvalidArgumentError, type Command } from 'commander';
import { archiveAll, countArchivable } from '../../scheduler/store/archive.ts';
import { countExpiredLogs } from '../../scheduler/store/logs.ts';
import { UserError } from '../../platform/errors.ts';
import { print, printJson } from '../output.ts';
import { withSchedulerDatabase } from '../schedulerDatabase.ts';

interface ArchiveOptions {
  olderThan?: number;
  batchSize: number;
  dryRun: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('archive')
    .description('Move finished runs to the archive tables, and delete the output of old archived runs')
    .option(
      '--older-than <days>',
      'archive runs that ended at least this many days ago (default: RUNBEAT_ARCHIVE_AFTER_DAYS, 7)',
      number(0, 36_500),
    )
    .option('--batch-size <n>', 'number of runs to move in one transaction', number(1, 10_000), 200)
    .option('--dry-run', 'only count the runs', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
The last run of each DAG is not archived, so that the DAG's schedule continues from it. The lookup also finds archived
runs. The output of an archived run is deleted RUNBEAT_LOG_RETENTION_DAYS (30; 0 = never) after the run has ended.
Schedulers do all of this every hour.`,
    )
    .action((options: ArchiveOptions) => archive(options));
}

function archive(options: ArchiveOptions): Promise<void> {
  return withSchedulerDatabase(async (pool, config) => {
    // 0 in the setting only turns off the hourly archive, so use the default here.
    const days = options.olderThan ?? (config.archiveAfterDays || 7);
    const ageSeconds = days * 86_400;
    const logDays = config.logRetentionDays;
    const logAgeSeconds = logDays > 0 ? logDays * 86_400 : null;
    if (options.dryRun) {
      const archivable = await countArchivable(pool, ageSeconds);
      const logs = logAgeSeconds === null ? 0 : await countExpiredLogs(pool, logAgeSeconds);
      if (options.json) printJson({ archivable, older_than_days: days, deletable_logs: logs });
      else
        print(
          `${archivable} runs ended more than ${days} days ago and would be archived; the output of ${logs} tries of archived runs would be deleted.`,
        );
      return;
    }
    const client = await pool.connect();
    try {
      const onBatch = (moved: number): void =>
        void (process.stderr.isTTY && process.stderr.write(`\r${moved} runs moved`));
      const done = await archiveAll(client, { ageSeconds, logAgeSeconds, batchSize: options.batchSize, onBatch });
      if (done === null)
        throw new UserError('another process is archiving at the moment', 'Try again when it has finished.');
      if (process.stderr.isTTY && done.runs > 0) process.stderr.write('\n');
      if (options.json) printJson({ archived: done.runs, older_than_days: days, deleted_logs: done.logs });
      else {
        print(`Archived ${done.runs} runs that ended more than ${days} days ago.`);
        if (done.logs > 0) print(`Deleted the output of ${done.logs} tries that ended more than ${logDays} days ago.`);
      }
    } finally {
      client.release(true);
    }
  });
}

function number(least: number, most: number): (value: string) => number {
  return (value) => {
    const result = Number(value);
    if (value.trim() !== '' && Number.isInteger(result) && result >= least && result <= most) return result;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
