import { expect, it } from 'vitest';
import { lookupCsv } from '../../../src/lookup/csv.ts';
import type { LookupRow } from '../../../src/lookup/row.ts';

const ROW: LookupRow = {
  source: 'prod',
  key: 'user_id',
  value: '42',
  dagId: 'onboarding',
  runId: 'manual__1',
  logicalDate: Date.UTC(2026, 0, 31, 9, 30),
  state: 'failed',
  startDate: null,
  endDate: null,
  durationSeconds: 1.5,
  waiting: null,
  standsAt: 'check failed · 3 of 4 tasks',
  graphUrl: '/a/x',
  ganttUrl: null,
  externalUrl: null,
  gone: false,
};

const lines = (rows: LookupRow[], values: string[] = []) =>
  lookupCsv(rows, { key: 'user_id', values }).trimEnd().split('\r\n');

it('writes times in ISO 8601, complete URLs, and empty fields for missing values', () => {
  expect(lines([ROW])[1]).toBe(
    'user_id,42,failed,2026-01-31T09:30:00.000Z,onboarding,manual__1,prod,,,1.5,check failed · 3 of 4 tasks,http://localhost:3000/a/x',
  );
});

it('quotes separators, quotes and line ends', () => {
  expect(lookupCsv([{ ...ROW, runId: 'a,"b"\nc' }], { key: '', values: [] })).toContain(',"a,""b""\nc",');
});

it.each([
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['@cmd', "'@cmd"],
  ['-5', '-5'],
  ['-x', "'-x"],
])('keeps a spreadsheet from running %s', (value, written) => {
  expect(lines([{ ...ROW, value }])[1]).toContain(`user_id,${written},failed`);
});

it('adds a line for each id without a run', () => {
  expect(lines([], ['7', '8']).slice(1)).toEqual(['user_id,7,not found,,,,,,,,,', 'user_id,8,not found,,,,,,,,,']);
});
