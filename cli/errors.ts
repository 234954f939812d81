import path from 'node:path';
import { CommanderError } from 'commander';
import { UserError } from '../platform/errors.ts';
import { PACKAGE_ROOT } from '../platform/package.ts';
import { printable } from '../platform/terminal.ts';
import { SettingsError } from '../platform/settings.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Exit status for an error: 2 for a wrong option or setting, 0 for `--help`, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT_USAGE;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  return EXIT_FAILURE;
}

/** Prints what went wrong and what to do to stderr, without a stack trace. */
export function reportError(error: unknown): void {
  // Commander has already printed a message with the option that was probably meant.
  if (error instanceof CommanderError) return;
  for (const line of messageOf(error)) process.stderr.write(`${printable(line)}\n`);
}

function messageOf(error: unknown): string[] {
  if (error instanceof SettingsError) {
    return [
      'runbeat: wrong settings',
      ...error.problems.map((problem) => `  ${problem}`),
      `All settings: ${path.relative(process.cwd(), path.join(PACKAGE_ROOT, '.env.example'))}`,
    ];
  }
  if (error instanceof UserError) return [`runbeat: ${error.message}`, ...(error.advice ? [error.advice] : [])];
  return [`runbeat: ${explain(error)}`];
}

/** Explains the most common system errors; other errors are described by their message. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'ECONNREFUSED')
    return `nothing answers at ${address}:${port}; is the database running, and is the URL correct?`;
  if (code === 'EADDRINUSE')
    return `port ${port} is in use; stop the program that listens there, or set RUNBEAT_LISTEN to another port`;
  // An AggregateError of connection attempts has no message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  return error.message;
}
