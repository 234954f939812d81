import { InvalidArgumentError, type Command } from 'commander';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startWorker } from '../../scheduler/main.ts';
import { niceOption, stepBack } from '../niceness.ts';
import { serve } from '../schedulerDatabase.ts';
import { wholeNumber } from '../wholeNumber.ts';

export function register(program: Command): void {
  program
    .command('worker')
    .description('run tasks until told to end')
    .option('--concurrency <n>', 'tasks at once (default: RUNBEAT_WORKER_CONCURRENCY, 16)', wholeNumber(1_000))
    .option('--queues <names>', 'queues to serve, separated by commas (default: every queue that a DAG names)', names)
    .addOption(niceOption())
    .addHelpText(
      'after',
      `
Tasks go to the queue of their lane unless they name another one; give a lane workers of its own with --queues LANE.
On SIGTERM it takes no more tasks and lets those that run finish; what still runs after RUNBEAT_SHUTDOWN_GRACE seconds
(20) is ended and handed back. Settings: RUNBEAT_DATABASE_URL, RUNBEAT_HEARTBEAT_INTERVAL, RUNBEAT_TASK_LOG_LIMIT (bytes).`,
    )
    .action(async ({ nice, ...options }: { concurrency?: number; queues?: string[]; nice?: number }) => {
      stepBack(nice);
      const config = loadSchedulerConfig();
      await serve('worker', config, (logger) => startWorker(config, logger, options));
    });
}

function names(value: string): string[] {
  const queues = value.split(',').map((name) => name.trim());
  if (queues.every(Boolean)) return [...new Set(queues)];
  throw new InvalidArgumentError('It takes names separated by commas, such as default,fast.');
}
