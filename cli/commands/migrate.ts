import type { Command } from 'commander';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { print, printJson } from '../output.ts';

export function register(program: Command): void {
  program
    .command('migrate')
    .description("Create or upgrade the scheduler's tables in RUNBEAT_DATABASE_URL")
    .option('--json', 'print the applied migrations as JSON', false)
    .addHelpText(
      'after',
      '\nSchedulers and workers also do this when they start. It is safe to run it several times at once.',
    )
    .action(async ({ json }: { json: boolean }) => {
      const applied = await migrateScheduler(loadSchedulerConfig().databaseUrl);
      if (json) printJson({ applied });
      else print(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to do: the tables are up to date.');
    });
}
