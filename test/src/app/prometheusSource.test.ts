import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime';
import { describe, expect, it } from 'vitest';
import { findPrometheusUid } from '../../../src/app/prometheusSource.ts';

function organisationWith(...uids: string[]): void {
  setDataSourceSrv({
    getInstanceSettings: (uid: string) => (uids.includes(uid) ? { uid } : undefined),
    getList: () => uids.map((uid) => ({ uid })),
  } as unknown as DataSourceSrv);
}

describe('the Prometheus for charts over time', () => {
  it.each([
    ['the chosen one', ['mine', 'other'], 'mine'],
    ['the only one', ['other'], 'other'],
    ['none of several', ['one', 'two'], 'mine'],
    ['none', [], 'mine'],
  ])('is %s', (_, uids, expected) => {
    organisationWith(...uids);
    expect(findPrometheusUid('mine')).toBe(expected);
  });
});
