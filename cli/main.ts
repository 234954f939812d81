import { createProgram } from './program.ts';
import { exitCodeOf, reportError } from './errors.ts';

// The demo starts services with an IPC channel: when it closes, the demo is gone, and they go too.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  reportError(error);
  process.exitCode = exitCodeOf(error);
}
