import { describe, expect, it, vi } from 'vitest';
import type { ApiContext } from '../../exporter/api/context.ts';
import { progressOf } from '../../exporter/api/progress.ts';
import type { FoundRun } from '../../exporter/index/reader.ts';
import type { TaskRow } from '../../exporter/sources/rows.ts';

const found = (id: number, state: string, total: number | null = null): FoundRun =>
  ({ source: 's', id, state, tasks_total: total }) as FoundRun;

const FAILED = { run: 3, task_id: 'score', map_index: -1, state: 'failed', end_us: 5e6 } as TaskRow;

describe('progressOf', () => {
  const read = vi.fn(async () => [FAILED]);
  const context = { sources: [{ name: 's', isUp: true, active: new Map(), read }] } as unknown as ApiContext;

  it('needs no query for runs that have ended', async () => {
    const of = await progressOf(context, [found(1, 'success', 42), found(2, 'success')]);
    expect(of(found(1, 'success'))).toEqual({ tasks_done: 42, tasks_total: 42, current: [] });
    expect(of(found(2, 'success'))).toBeNull();
    expect(read).not.toHaveBeenCalled();
  });

  it('queries the source if a run has failed', async () => {
    const of = await progressOf(context, [found(2, 'success'), found(3, 'failed')]);
    expect(of(found(3, 'failed'))).toMatchObject({ tasks_total: 1, current: [{ task_id: 'score', state: 'failed' }] });
    expect(read).toHaveBeenCalledTimes(1);
  });
});
