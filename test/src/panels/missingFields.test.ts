import { toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { missingFields } from '../../../src/panels/missingFields.ts';

const frame = (...names: string[]) => toDataFrame({ fields: names.map((name) => ({ name, values: [] })) });

describe('what a panel’s data lacks', () => {
  const wanted = ['task_id', 'start_date', 'end_date'];
  it.each([
    ['one field', [frame('task_id', 'start_date')], 'The field end_date is missing. There are: task_id, start_date.'],
    ['several', [frame('Time')], 'The fields task_id, start_date and end_date are missing. There are: Time.'],
    [
      'of the frame that comes closest',
      [frame('Time'), frame('task_id', 'end_date')],
      'The field start_date is missing. There are: task_id, end_date.',
    ],
    [
      'a frame without fields',
      [frame()],
      'The fields task_id, start_date and end_date are missing. The data has no fields.',
    ],
    ['nothing', [frame(...wanted)], ''],
    ['no frames', [], ''],
  ])('%s', (_, frames, words) => {
    expect(missingFields(frames, wanted)).toBe(words);
  });
});
