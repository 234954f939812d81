import type { TestDataSourceResponse } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import type { SourceStatus } from '../../shared/api.ts';
import { failureText } from '../components/failureWords.ts';
import type { ExporterApi } from '../data/exporterApi.ts';
import { unreadable } from '../data/failure.ts';

/** The result of "Save & test": whether the exporter can be reached, accepts the token and can read its databases. */
export async function testExporter(api: ExporterApi): Promise<TestDataSourceResponse> {
  try {
    return judge((await api.sources()).items);
  } catch (error) {
    return { status: 'error', message: failureText(unreadable(error)) };
  }
}

/**
 * The result of "Save & test" for a data source without a URL: Grafana saves it, but its proxy then fails with an unhelpful message. Null
 * if there is a URL, and for people who may not read the settings.
 */
export async function emptyUrl(uid: string): Promise<TestDataSourceResponse | null> {
  const request = { url: `/api/datasources/uid/${encodeURIComponent(uid)}`, showErrorAlert: false };
  try {
    const { url } = (await lastValueFrom(getBackendSrv().fetch<{ url?: string }>(request))).data;
    return url === ''
      ? { status: 'error', message: 'The URL is missing. Enter the exporter’s URL, then save again.' }
      : null;
  } catch {
    return null;
  }
}

export function judge(sources: readonly SourceStatus[]): TestDataSourceResponse {
  if (sources.length === 0) return { status: 'error', message: 'The exporter answers, but has no sources.' };
  const down = sources.filter((source) => !source.up);
  if (down.length > 0) {
    const words = down.map(({ source, problem }) => `${source} (${problem ?? 'no reason given'})`);
    return { status: 'error', message: `The exporter answers, but can’t read ${words.join(', ')}.` };
  }
  const names = sources.map(({ source, version, kind }) => `${source} (${version ?? kind})`);
  return { status: 'success', message: `Reads ${names.join(', ')}.` };
}
