import { describe, expect, it } from 'vitest';
import { keepRange } from '../../../src/components/keepRange.ts';

describe('links keep the time range', () => {
  it.each([
    ['a page', '/a/x/health', '?from=now-1h&to=now&timezone=utc', '/a/x/health?from=now-1h&to=now&timezone=utc'],
    ['a page with a query', '/a/x/run?run_id=a%20b', '?from=1&to=2', '/a/x/run?run_id=a%20b&from=1&to=2'],
    ['nothing to keep', '/a/x/run?run_id=a', '?tab=gantt', '/a/x/run?run_id=a'],
    ['a range of its own', '/a/x/flows?from=now-30d&to=now', '?from=1&to=2', '/a/x/flows?from=now-30d&to=now'],
    ['what a range is not', '/a/x/health', '?from=&var-from=1&refresh=5s', '/a/x/health'],
    ['a bare question mark', '?', '?from=1', '?from=1'],
  ])('%s', (_, url, search, expected) => {
    expect(keepRange(url, search)).toBe(expected);
  });
});
