import { InvalidArgumentError, type Command } from 'commander';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startWorker } from '../../scheduler/main.ts';
import { niceOption, stepBack } from '../niceness.ts';
import { serve } from '../schedulerDatabase.ts';
import { wholeNumber } from '../wholeNumber.ts';

export function register(program: Command): void {
  program
    .command('worker')
    .description('Run tasks until it is stopped')
    .option(
      '--concurrency <n>',
      'maximum number of tasks at the same time (default: RUNBEAT_WORKER_CONCURRENCY, 16)',
      wholeNumber(1_000),
    )
    .option('--queues <names>', 'queues to serve, separated by commas (default: all queues)', names)
    .addOption(niceOption())
    .addHelpText(
      'after',
      `
A task is put into the queue of its lane unless it names another queue. To give a lane its own workers, use --queues LANE.
On SIGTERM the worker takes no new tasks and waits for running tasks to finish. After RUNBEAT_SHUTDOWN_GRACE seconds (20)
it stops the remaining tasks and puts them back into the queue. Settings: RUNBEAT_DATABASE_URL, RUNBEAT_HEARTBEAT_INTERVAL, RUNBEAT_TASK_LOG_LIMIT (bytes).`,
    )
    .action(async ({ nice, ...options }: { concurrency?: number; queues?: string[]; nice?: number }) => {
      stepBack(nice);
      const config = loadSchedulerConfig();
      await serve('worker', config, (logger, signal) => startWorker(config, logger, { ...options, signal }));
    });
}

function names(value: string): string[] {
  const queues = value.split(',').map((name) => name.trim());
  if (queues.every(Boolean)) return [...new Set(queues)];
  throw new InvalidArgumentError('It must be a list of names separated by commas, such as default,fast.');
}
