import { describe, expect, it } from 'vitest';
import { formatIds, parseIds } from '../../../src/lookup/parseIds.ts';

describe('parseIds', () => {
  it.each<[what: string, text: string, ids: string[]]>([
    ['one id', '42', ['42']],
    ['a pasted column', '1\n2\r\n3\n', ['1', '2', '3']],
    ['commas, semicolons and tabs', '1, 2;3\t4', ['1', '2', '3', '4']],
    ['numbers with spaces between', ' 1 2  3 ', ['1', '2', '3']],
    ['spaces that belong to an id', 'Jane Doe', ['Jane Doe']],
    ['a number and a word: one id', '42 b', ['42 b']],
    ['doubles, once each', '7,7\n7', ['7']],
    ['emoji and accents', '🦊, Łódź', ['🦊', 'Łódź']],
    ['separators inside of quotes', '"a,b", c', ['a,b', 'c']],
    ['a quote inside of quotes', '"say ""hi"""', ['say "hi"']],
    ['quotes inside of an id stay', 'o"neil', ['o"neil']],
    ['an apostrophe and SQL', "' or 1=1 --", ["' or 1=1 --"]],
    ['a list of JSON', '["42", "43"]', ['42', '43']],
    ['a list of JSON over several lines', '[\n  "a,b",\n  43\n]', ['a,b', '43']],
    ['a list of SQL', "('a', 'b,c')", ['a', 'b,c']],
    ['a set', '{1,2}', ['1', '2']],
    ['lists in a list', '[[1], [2]]', ['1', '2']],
    ['brackets around each id', '[42], (43)\n{44}', ['42', '43', '44']],
    ['a part of a list', '["42",\n"43"', ['42', '43']],
    ['the end of a list', '42,\n43\n]', ['42', '43']],
    ['quotes of a text processor', '“42”, ‘43’, „44“, «45», `46`', ['42', '43', '44', '45', '46']],
    ['brackets inside of an id', 'f(x), a[1]b', ['f(x)', 'a[1]b']],
    ['two bracketed words, which are one id', '(a) and (b)', ['(a) and (b)']],
    ['an id in quotes as it is', '"[42]"', ['[42]']],
    ['a zero-width space, a byte order mark and a soft hyphen', '\ufeff42\u200b, 4\u00ad3', ['42', '43']],
    ['marks of writing direction', '\u200e42\u200f\n\u202a43\u202c', ['42', '43']],
    ['spaces that do not break', 'Jane\u00a0Doe,\u00a07', ['Jane Doe', '7']],
    ['an emoji of several, which joiners hold together', '👩\u200d🚀\u200d', ['👩\u200d🚀']],
    ['a line separator', '1\u20282', ['1', '2']],
    ['nothing', ' \n , ;\t', []],
  ])('reads %s', (_, text, ids) => {
    expect(parseIds(text)).toEqual(ids);
  });

  it.each([
    [['1']],
    [['a,b', 'c d', 'say "hi"']],
    [['x\ny', '🦊']],
    [Array.from({ length: 12 }, (_, at) => `${at}`)],
    [['[1]', '(x', "'a'", '1 2']],
    [['{x}']],
  ])('reads back what formatIds wrote: %j', (ids) => {
    expect(parseIds(formatIds(ids))).toEqual(ids);
  });

  it('reads 10,000 ids at once', () => {
    const ids = Array.from({ length: 10_000 }, (_, at) => `user-${at}`);
    expect(parseIds(ids.join('\n'))).toEqual(ids);
  });
});
