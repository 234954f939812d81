/** Control characters, including C1, and characters that change the direction of writing. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes text safe for a terminal: control characters except line breaks and tabs are shown as escapes. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** The same on one line, for a name inside other text. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** JSON text with the same characters escaped in its strings, so that its value does not change. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A command to paste: fixed words, then arguments that are quoted for a shell. */
export function pasteable(words: string, ...operands: string[]): string {
  const end = operands.some((operand) => operand.startsWith('-')) ? ['--'] : [];
  return [words, ...end, ...operands.map(shellQuoted)].join(' ');
}

/** One word of a POSIX shell; with control characters, in bash's `$'…'`. */
export function shellQuoted(text: string): string {
  if (/^[A-Za-z0-9_.:@%+=/,-]+$/.test(text)) return text;
  if (oneLine(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${oneLine(text.replace(/['\\]/g, '\\$&'))}'`;
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}
