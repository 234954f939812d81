/** The command for the shell, and its standard input (null for none). */
export interface Command {
  command: string;
  stdin: string | null;
}

/**
 * Splits a line at the first `%`. The rest is the input of the command, in which each further `%` ends a line. `\%` is a plain percent
 * sign. In the command, a backslash escapes any character; in the input, only a `%`.
 */
export function splitCommand(text: string): Command {
  const [command] = /^(?:\\.|[^%\\]|\\$)*/s.exec(text)!;
  const unescaped = command.replace(/\\(.)/gs, (pair, character: string) => (character === '%' ? '%' : pair));
  const input = text.slice(command.length + 1);
  return { command: unescaped, stdin: input === '' ? null : inputOf(input) };
}

/** The input. A missing line break at its end is added. */
function inputOf(text: string): string {
  const input = text.replace(/\\%|%/g, (found) => (found === '%' ? '\n' : '%'));
  return input.endsWith('\n') ? input : `${input}\n`;
}
