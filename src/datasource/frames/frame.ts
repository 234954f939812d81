import { createDataFrame, type DataFrame, type QueryResultMeta } from '@grafana/data';
import type { FrameCustom, FrameKind } from '../../data/frameFields.ts';
import { fieldsOf, type FieldOf } from './fields.ts';

/** A frame of a known kind, by which Grafana suggests panels (`meta.custom.runbeat`). */
export function frameOf<Row>(
  kind: FrameKind,
  rows: readonly Row[],
  columns: readonly FieldOf<Row>[],
  meta: QueryResultMeta = {},
  name?: string,
): DataFrame {
  return createDataFrame({
    name,
    fields: fieldsOf(rows, columns),
    meta: { ...meta, custom: { ...meta.custom, runbeat: kind } satisfies FrameCustom },
  });
}

/** Notices on the panel, e.g. why something is missing. */
export function notices(words: readonly string[], severity: 'info' | 'warning' = 'info') {
  return words.map((word) => ({ severity, text: word }));
}
