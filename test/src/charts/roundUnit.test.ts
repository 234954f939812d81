import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { scaled, scaleOf } from '../../../src/charts/roundUnit.ts';

const frameOf = (...values: (number | null)[]) =>
  toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: values.map((_, at) => at) },
      { name: 'Value', type: FieldType.number, values },
    ],
  });

describe('the unit of a chart of durations', () => {
  it.each([
    ['less than a second', [frameOf(0.2)], undefined, 's'],
    ['a minute', [frameOf(60)], undefined, 's'],
    ['175 s, which Grafana would write as 2.92 mins', [frameOf(1, 175)], undefined, 'suffix:min'],
    ['a promised line above all values', [frameOf(1)], 180, 'suffix:min'],
    ['hours', [frameOf(1), frameOf(9_000)], undefined, 'suffix:h'],
    ['days', [frameOf(300_000)], undefined, 'suffix:d'],
    ['gaps and NaN', [frameOf(null, NaN, 2)], undefined, 's'],
    ['nothing', [], undefined, 's'],
  ])('of %s', (_, frames, line, unit) => {
    expect(scaleOf(frames, line).unit).toBe(unit);
  });

  it('divides values, and neither times nor gaps', () => {
    const [frame] = scaled([frameOf(90, null)], { unit: 'suffix:min', seconds: 60 });
    expect(frame!.fields.map((field) => field.values)).toEqual([
      [0, 1],
      [1.5, null],
    ]);
  });
});
