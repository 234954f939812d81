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
    ['nothing', ' \n , ;\t', []],
  ])('reads %s', (_, text, ids) => {
    expect(parseIds(text)).toEqual(ids);
  });

  it.each([[['1']], [['a,b', 'c d', 'say "hi"']], [['x\ny', '🦊']], [Array.from({ length: 12 }, (_, at) => `${at}`)]])(
    'reads back what formatIds wrote: %j',
    (ids) => {
      expect(parseIds(formatIds(ids))).toEqual(ids);
    },
  );

  it('reads 10,000 ids at once', () => {
    const ids = Array.from({ length: 10_000 }, (_, at) => `user-${at}`);
    expect(parseIds(ids.join('\n'))).toEqual(ids);
  });
});
