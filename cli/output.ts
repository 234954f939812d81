import { stringifyJson } from '../platform/json.ts';
import { printable, printableJson } from '../platform/terminal.ts';

/** Prints text for people. Control characters in ids or output of tasks are made harmless for the terminal. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Prints a value as indented JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(stringifyJson(value, { indent: 2 }))}\n`);
}

/** Prints a value as JSON on one line. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${printableJson(stringifyJson(value))}\n`);
}
