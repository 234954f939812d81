import { createProgram } from './program.ts';
import { exitCodeOf, reportError } from './errors.ts';

// The demo starts services with an IPC channel: when it closes, the demo is gone, and they go too.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

// Whoever reads the output (`| head`) may have seen enough.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  reportError(error);
  process.exitCode = exitCodeOf(error);
}
