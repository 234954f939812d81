/** What the shell is given, and what its standard input is; null for none. */
export interface Command {
  command: string;
  stdin: string | null;
}

/**
 * The first `%` ends the command, and the rest is its input, in which each further one ends a line. `\%` is a plain per cent
 * sign. In the command a backslash guards the character behind it, in the input only a `%`.
 */
export function splitCommand(text: string): Command {
  const [command] = /^(?:\\.|[^%\\]|\\$)*/s.exec(text)!;
  const unescaped = command.replace(/\\(.)/gs, (pair, character: string) => (character === '%' ? '%' : pair));
  const input = text.slice(command.length + 1);
  return { command: unescaped, stdin: input === '' ? null : inputOf(input) };
}

/** Ends with a line end, which is added where there is none. */
function inputOf(text: string): string {
  const input = text.replace(/\\%|%/g, (found) => (found === '%' ? '\n' : '%'));
  return input.endsWith('\n') ? input : `${input}\n`;
}
