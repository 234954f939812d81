import {
  createDataFrame,
  FieldColorModeId,
  FieldType,
  LoadingState,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import type { RunSummary } from '../../../shared/api.ts';
import { stateLook } from '../../data/stateLook.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

/** Every run as a point with its start and duration, with one series per state. */
export function trendData(runs: readonly RunSummary[], timeRange: TimeRange): PanelData {
  const states = ['success', 'failed', 'running'] as const;
  const series = states
    .map((state) => ({ state, runs: runs.filter((run) => run.state === state && run.duration_seconds !== null) }))
    .filter((group) => group.runs.length > 0)
    .map((group) => {
      const sorted = group.runs.map((run) => [epochOf(run.start_date) ?? 0, run.duration_seconds!] as const);
      sorted.sort((a, b) => a[0] - b[0]);
      return createDataFrame({
        name: group.state,
        fields: [
          { name: 'Time', type: FieldType.time, values: sorted.map(([at]) => at) },
          {
            name: group.state,
            type: FieldType.number,
            values: sorted.map(([, seconds]) => seconds),
            config: {
              displayName: group.state,
              color: { mode: FieldColorModeId.Fixed, fixedColor: stateLook(group.state).color },
            },
          },
        ],
      });
    });
  return { state: LoadingState.Done, series, timeRange };
}
