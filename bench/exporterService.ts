import { Command } from 'commander';
import * as exporter from '../cli/commands/exporter.ts';

/** `runbeat exporter` without the other commands, which would be part of its memory. */
const program = new Command('runbeat').exitOverride();
exporter.register(program);

process.channel?.unref();
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
await program.parseAsync(process.argv);
