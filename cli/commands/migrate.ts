import type { Command } from 'commander';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { print, printJson } from '../schedulerDatabase.ts';

export function register(program: Command): void {
  program
    .command('migrate')
    .description("bring the scheduler's tables in RUNBEAT_DATABASE_URL to this version")
    .option('--json', 'print the migrations applied as JSON', false)
    .addHelpText('after', '\nSchedulers and workers do this when they start; any number may do it at once.')
    .action(async ({ json }: { json: boolean }) => {
      const applied = await migrateScheduler(loadSchedulerConfig().databaseUrl);
      if (json) printJson({ applied });
      else print(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to do: the tables are up to date.');
    });
}
