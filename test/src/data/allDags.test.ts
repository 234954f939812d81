import { setBackendSrv, type BackendSrv } from '@grafana/runtime';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { ExporterApi } from '../../../src/data/exporterApi.ts';

const dag = (dag_id: string) => ({ source: 'db', dag_id, last_run: null });
const pages: Record<string, object> = {
  first: { items: [dag('a'), dag('b')], next_cursor: 'second' },
  second: { items: [dag('c')], next_cursor: null },
};

it('lists the DAGs of all pages', async () => {
  const fetch = ({ url }: { url: string }) =>
    of({ data: pages[new URL(url, 'http://x').searchParams.get('cursor') ?? 'first'] });
  setBackendSrv({ fetch } as unknown as BackendSrv);
  const { items } = await new ExporterApi('/proxy').dags();
  expect(items.map(({ dag_id }) => dag_id)).toEqual(['a', 'b', 'c']);
});
