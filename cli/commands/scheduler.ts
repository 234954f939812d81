import { InvalidArgumentError, type Command } from 'commander';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startScheduler } from '../../scheduler/main.ts';
import { niceOption, stepBack } from '../niceness.ts';
import { serve } from '../schedulerDatabase.ts';

export function register(program: Command): void {
  program
    .command('scheduler')
    .description('Run a scheduler until it is stopped')
    .option(
      '--lane <name>',
      'run the DAGs of this lane; a DAG that names no lane is in the lane default',
      laneName,
      'default',
    )
    .addOption(niceOption())
    .addHelpText(
      'after',
      `
Settings: RUNBEAT_DATABASE_URL, RUNBEAT_DAGS (folder, default dags), RUNBEAT_HEARTBEAT_INTERVAL and _THRESHOLD (seconds),
RUNBEAT_ARCHIVE_AFTER_DAYS, RUNBEAT_LOG_RETENTION_DAYS, RUNBEAT_CONTROL_LISTEN with RUNBEAT_API_TOKEN (control API),
RUNBEAT_LOG_LEVEL.
You can start several. Schedulers of the same lane share its runs, and take over the runs of one that stops.`,
    )
    .action(async ({ lane, nice }: { lane: string; nice?: number }) => {
      stepBack(nice);
      const config = loadSchedulerConfig();
      await serve('scheduler', config, (logger, signal) => startScheduler(config, logger, { lane, nice, signal }));
    });
}

function laneName(value: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(value)) return value;
  throw new InvalidArgumentError('It must consist of lower-case letters, digits, _ and -, at most 32.');
}
