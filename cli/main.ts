import { createProgram } from './program.ts';
import { exitCodeOf, reportError } from './errors.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  reportError(error);
  process.exitCode = exitCodeOf(error);
}
