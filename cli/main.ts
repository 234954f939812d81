import { createProgram } from './program.ts';
import { UserError } from '../platform/errors.ts';
import { exitCodeOf, reportError } from './errors.ts';

// The demo starts services with an IPC channel. If it closes, the demo has ended, and they end, too.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

let readerHasGone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (readerHasGone) return;
  // The reader of the output (`| head`) may close the pipe early. The demo then stops in order, as at a signal.
  if (error.code === 'EPIPE') {
    readerHasGone = true;
    if (process.listenerCount('SIGTERM') === 0) process.exit(0);
    process.kill(process.pid, 'SIGTERM');
    return;
  }
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
