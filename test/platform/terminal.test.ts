import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { oneLine, pasteable, printable, printableJson, shellQuoted } from '../../platform/terminal.ts';

describe('what is printed', () => {
  it('does not move the cursor, set a title or reverse text', () => {
    expect(printable('a\u001b]0;title\u0007\u009b2J\u202eb\tc\nd')).toBe('a\\x1b]0;title\\x07\\x9b2J\\u202eb\tc\nd');
    expect(oneLine('a\nb\r')).toBe('a\\nb\\x0d');
  });
});

describe('JSON that is printed', () => {
  it('has no control characters, and the same value', () => {
    const value = { 'a\u009b2J': ['\u202e\u007f', '\n\t'] };
    const printed = printableJson(JSON.stringify(value, null, 2));
    expect(printed.replaceAll('\n', '')).toBe(oneLine(printed.replaceAll('\n', '')));
    expect(JSON.parse(printed)).toEqual(value);
  });
});

describe('a command to paste', () => {
  it.each([["o'hara"], ['$(id) `id`'], ['a;b|c&d'], ['*'], ['-x'], [''], ['a\\b'], ['"quoted"'], ['Grüße 🎉']])(
    'gives a shell the argument %j as it is',
    (argument) => {
      const command = pasteable("printf '%s.'", argument);
      const output = execFileSync('/bin/sh', ['-c', command.replace("printf '%s.' --", "printf -- '%s.'")]).toString();
      expect(output).toBe(`${argument}.`);
    },
  );

  it('shows control characters and still passes them on in bash', () => {
    const argument = "a\u001b[2J\n'b\\";
    const quoted = shellQuoted(argument);
    expect(oneLine(quoted)).toBe(quoted);
    expect(execFileSync('bash', ['-c', `printf %s ${quoted}`]).toString()).toBe(argument);
  });

  it('distinguishes options from an argument that looks like one', () => {
    expect(pasteable('runbeat runs show', 'dag', '-x')).toBe('runbeat runs show -- dag -x');
  });
});
