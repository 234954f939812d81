import { Command } from 'commander';
import * as scheduler from '../cli/commands/scheduler.ts';
import * as worker from '../cli/commands/worker.ts';

/** `runbeat scheduler` and `runbeat worker` without the other commands, which would be part of their memory. */
const program = new Command('runbeat').exitOverride();
scheduler.register(program);
worker.register(program);

process.channel?.unref();
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
await program.parseAsync(process.argv);
