import { describe, expect, it } from 'vitest';
import { shownLines } from '../../../src/pages/run/logLines.ts';

const log = Array.from({ length: 2_500 }, (_, n) => `line ${n}${n % 1_000 === 7 ? ' Error: boom' : ''}`).join('\n');

describe('the lines of a log that are drawn', () => {
  it('are the last ones, and earlier ones on demand', () => {
    const last = shownLines(`${log}\n`, '', 1_000);
    expect([last.lines.length, last.lines[0], last.lines.at(-1)]).toEqual([1_000, 'line 1500', 'line 2499']);
    expect([last.earlier, last.found]).toEqual([1_500, 2_500]);
    expect(shownLines(log, '', 3_000)).toMatchObject({ earlier: 0, found: 2_500 });
    expect(shownLines(log, '', 0)).toEqual({ lines: [], earlier: 2_500, found: 2_500 });
  });

  it('are found over the whole log, whatever the case', () => {
    expect(shownLines(log, ' ERROR: ', 2)).toEqual({
      lines: ['line 1007 Error: boom', 'line 2007 Error: boom'],
      earlier: 1,
      found: 3,
    });
    expect(shownLines(log, 'absent', 1_000)).toEqual({ lines: [], earlier: 0, found: 0 });
  });
});
