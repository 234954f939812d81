import { dateTime } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import type { AppSettings } from '../../app/settings.ts';
import { failureText } from '../../components/failureWords.ts';
import { ExporterApi } from '../../data/exporterApi.ts';
import { unreadable } from '../../data/failure.ts';
import { testExporter } from '../../datasource/health.ts';
import { ask } from '../../charts/useSeries.ts';
import { METRICS } from '../../../shared/metrics.ts';

/** Whether one part of the installation works, and what is missing if it does not. */
export interface Check {
  ok: boolean;
  words: string;
}

export async function checkExporter({ runsUid }: Required<AppSettings>): Promise<Check> {
  const api = apiOf(runsUid);
  if (!api) return { ok: false, words: 'No Runbeat data source is chosen.' };
  const { status, message } = await testExporter(api);
  return { ok: status === 'success', words: message };
}

export async function checkPrometheus({ prometheusUid }: Required<AppSettings>): Promise<Check> {
  const source = getDataSourceSrv().getInstanceSettings(prometheusUid);
  if (!source) return { ok: false, words: 'No Prometheus data source is chosen.' };
  const to = dateTime();
  const from = dateTime(to).subtract(5, 'minutes');
  const target = { refId: 'A', expr: METRICS.buildInfo.name, legendFormat: '', instant: true };
  try {
    const frames = await ask(prometheusUid, [target], { from, to, raw: { from, to } });
    if (frames.some((frame) => frame.length > 0)) return { ok: true, words: `${source.name} scrapes the exporter.` };
    return { ok: false, words: `${source.name} answers, but does not scrape the exporter’s /metrics.` };
  } catch (error) {
    return { ok: false, words: `${source.name} does not answer: ${(error as Error).message}` };
  }
}

export async function checkKeys({ runsUid }: Required<AppSettings>): Promise<Check> {
  const api = apiOf(runsUid);
  if (!api) return { ok: false, words: 'Set up the exporter first.' };
  try {
    const keys = (await api.keys()).items.map(({ key }) => key);
    if (keys.length > 0) return { ok: true, words: `Runs are found by ${keys.join(', ')}.` };
    return { ok: false, words: 'The exporter has no business keys: set RUNBEAT_KEYS, e.g. user_id=conf.user_id.' };
  } catch (error) {
    return { ok: false, words: failureText(unreadable(error)) };
  }
}

function apiOf(runsUid: string): ExporterApi | null {
  const source = getDataSourceSrv().getInstanceSettings(runsUid);
  return source?.url ? new ExporterApi(source.url) : null;
}
