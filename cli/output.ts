import { stringifyJson } from '../platform/json.ts';
import { printable, printableJson } from '../platform/terminal.ts';

/** Text for people on a line of its own; a terminal carries out nothing of what an id or a task's output holds. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** A value as indented JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(stringifyJson(value, { indent: 2 }))}\n`);
}

/** A value as JSON on one line. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${printableJson(stringifyJson(value))}\n`);
}
