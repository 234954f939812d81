import { createProgram } from './program.ts';
import { UserError } from '../platform/errors.ts';
import { exitCodeOf, reportError } from './errors.ts';

// The demo starts services with an IPC channel. If it closes, the demo has ended, and they end, too.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the output (`| head`) may close the pipe early.
  if (error.code === 'EPIPE') process.exit(0);
  reportError(new UserError(`the output can't be written: ${error.message}`));
  process.exit(1);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  reportError(error);
  process.exitCode = exitCodeOf(error);
}
