import {
  createTheme,
  getDisplayProcessor,
  getFieldDisplayValuesProxy,
  getLinksSupplier,
  type DataFrame,
} from '@grafana/data';
import { get } from 'lodash';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { runsFrame } from '../../../src/datasource/frames/runs.ts';
import { rowsOfFrames } from '../../../src/lookup/row.ts';

/** A run_id as Airflow names scheduled runs. */
const RUN_ID = 'scheduled__2026-01-31T09:30:00+00:00';
const run = { source: 's', dag_id: 'd', run_id: RUN_ID };
const airflow = `https://airflow.example.com/dags/d/grid?dag_run_id=${encodeURIComponent(RUN_ID)}&tab=graph`;

function frameOf(graph: string): DataFrame {
  const links = { graph, gantt: graph, external: null };
  const item: RunSummary = {
    ...{ ...run, run_type: 'scheduled', logical_date: null, state: 'success', queued_at: null, start_date: null },
    ...{ end_date: null, now: '2026-01-31T09:31:00Z', expected_end: null, waiting: null, keys: {}, gone: false, links },
    ...{ duration_seconds: 1, queue_seconds: 1 },
  };
  const frame = runsFrame([item], false);
  for (const field of frame.fields) field.display = getDisplayProcessor({ field, theme: createTheme() });
  return frame;
}

/** The address of a data link, as Grafana computes it; `encode` is what a dashboard or Explore does with what it fills in. */
function linkOf(frame: DataFrame, encode: (text: string) => string): URL {
  const field = frame.fields.find(({ name }) => name === 'run_id')!;
  const supplier = getLinksSupplier(frame, field, {}, (text) =>
    text.replace(/\$\{__data\.([^:}]+)(:raw)?\}/g, (_, path: string, raw) => {
      const filled = String(get({ fields: getFieldDisplayValuesProxy({ frame, rowIndex: 0 }) }, path));
      return raw ? filled : encode(filled);
    }),
  );
  return new URL(supplier({ valueRowIndex: 0 })[0]!.href, 'http://grafana.example.com');
}

describe('links of runs whose ids have characters that a query encodes', () => {
  it.each([
    ['a dashboard', encodeURI],
    ['Explore', (text: string) => text],
  ])('lead to the run from a table of %s, in the app and in Airflow 2', (_, encode) => {
    expect(linkOf(frameOf(runPageUrl(run, 'graph')), encode).searchParams.get('run_id')).toBe(RUN_ID);
    expect(linkOf(frameOf(airflow), encode).searchParams.get('dag_run_id')).toBe(RUN_ID);
  });

  it('are plain in the lookup panel', () => {
    expect(rowsOfFrames([frameOf(airflow)])[0]!.graphUrl).toBe(airflow);
  });
});
