import { dateTime } from '@grafana/data';
import { expect, it } from 'vitest';
import type { RunSummary } from '../../../shared/api.ts';
import { stateLook } from '../../../src/data/stateLook.ts';
import { trendData } from '../../../src/pages/flows/trendData.ts';
import { runOf } from '../panels/plannedRun.ts';

it.each(['success', 'failed', 'running'] as const)(
  'draws %s runs in the color of that state, alone or not',
  (state) => {
    const { run } = runOf([{ id: 'a' }]);
    const runs: RunSummary[] = [{ ...run, state, duration_seconds: 3 }];
    const [from, to] = [dateTime(0), dateTime(1)];
    const [frame] = trendData(runs, { from, to, raw: { from, to } }).series;
    expect(frame!.fields[1]!.config.color).toEqual({ mode: 'fixed', fixedColor: stateLook(state).color });
  },
);
