import { setBackendSrv, type BackendSrv } from '@grafana/runtime';
import { of } from 'rxjs';
import { beforeEach, expect, it } from 'vitest';
import { ExporterApi } from '../../../src/data/exporterApi.ts';

const run = { source: 'db', dagId: 'flow', runId: 'r' };
const log = (try_number: number) => ({
  task_id: 't',
  map_index: -1,
  try_number,
  text: `of try ${try_number}`,
  truncated: false,
});
const pages: Record<string, object> = {
  first: { items: [log(1), log(2)], next_cursor: 'second' },
  second: { items: [log(3)], next_cursor: null },
};
let asked: string[];

beforeEach(() => {
  asked = [];
  const fetch = ({ url }: { url: string }) => {
    asked.push(url);
    const cursor = new URL(url, 'http://x').searchParams.get('cursor') ?? 'first';
    return of({ data: pages[cursor] });
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
});

it.each([
  [2, 'of try 2', 1],
  [3, 'of try 3', 2],
  [4, undefined, 2],
])('the log of try %s is found on any page, or is null', async (tryNumber, text, requests) => {
  const found = await new ExporterApi('/proxy').log(run, { taskId: 't', mapIndex: -1, tryNumber });
  expect(found?.text).toBe(text);
  expect(asked).toHaveLength(requests);
  expect(asked[0]).toBe(`/proxy/api/v1/runs/db/flow/r/log?task_id=t&map_index=-1&try_number=${tryNumber}`);
});
