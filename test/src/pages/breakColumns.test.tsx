import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { PromiseBreak } from '../../../shared/api.ts';
import { DataTable } from '../../../src/components/DataTable.tsx';
import { breakColumns } from '../../../src/pages/promises/breakColumns.tsx';

const links = { graph: '', gantt: '', external: null };
const run = { dag_id: 'arrivals', run_id: 'r 1', state: 'success' as const, duration_seconds: 3, links };

function broken(fields: Partial<PromiseBreak>): PromiseBreak {
  const names = { promise: 'decided', source: 'db', dag_id: 'onboarding', at: '2026-01-01T00:00:00Z' };
  return { ...names, kind: 'ends_within', run, day: null, journey: null, ...fields };
}

const show = (row: PromiseBreak) =>
  render(<DataTable label="Breaks" columns={breakColumns(row.kind)} rows={[row]} rowKey={(one) => one.at} />);
const hrefOf = (name: string): string => decodeURIComponent(screen.getByRole('link', { name }).getAttribute('href')!);

it('a broken journey links to its page, and to the run of the DAG that brought it', () => {
  show(broken({ kind: 'journey', journey: { key: 'user_id', value: 'a&b' } }));
  expect(hrefOf('user_id = a&b')).toMatch(/\/journey\?key=user_id&value=a&b$/);
  expect(hrefOf('r 1')).toContain('dag_id=arrivals');
});

it('other breaks link to their run, and say what a day lacks', () => {
  show(broken({ run: { ...run, dag_id: 'onboarding' } }));
  expect(screen.queryByText('Journey')).toBeNull();
  expect(hrefOf('r 1')).toContain('dag_id=onboarding');
  show(broken({ kind: 'done_by', run: null, day: '2026-01-02' }));
  expect(screen.getByText('no run of 2026-01-02 succeeded in time')).toBeTruthy();
});
