import {
  DataSourceApi,
  FieldType,
  rangeUtil,
  toDataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
} from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';

export const PROMETHEUS_TYPE = 'prometheus';
const STEPS = 200;
const SCRAPE_SECONDS = 5;

interface PromQuery extends DataQuery {
  expr?: string;
  legendFormat?: string;
  instant?: boolean;
  format?: string;
  interval?: string;
}

interface Series {
  metric: Record<string, string>;
  values?: [number, string][];
  value?: [number, string];
}

/**
 * Replaces Grafana's Prometheus data source, whose queries go through Grafana's server. It queries a real Prometheus for the same series.
 */
export class PreviewPrometheus extends DataSourceApi<PromQuery> {
  private readonly url: string;

  constructor(settings: DataSourceInstanceSettings) {
    super(settings);
    this.url = settings.url!;
  }

  async query(request: DataQueryRequest<PromQuery>): Promise<DataQueryResponse> {
    const answers = await Promise.all(request.targets.map((target) => this.ask(target, request)));
    return { data: answers.flat() };
  }

  async testDatasource() {
    await getBackendSrv().get(`${this.url}/api/v1/query?query=1`);
    return { status: 'success', message: 'ok' };
  }

  private async ask(target: PromQuery, { range }: DataQueryRequest<PromQuery>) {
    const [from, to] = [range.from.valueOf() / 1000, range.to.valueOf() / 1000];
    const step = Math.max(1, Math.ceil((to - from) / STEPS));
    // As in Grafana, at least four scrape intervals, so that every rate has two samples.
    const sampled = target.interval ? rangeUtil.intervalToSeconds(target.interval) : SCRAPE_SECONDS;
    const expr = (target.expr ?? '')
      .replaceAll('$__rate_interval', `${Math.max(step, 4 * sampled)}s`)
      .replaceAll('$__range', `${Math.ceil(to - from)}s`);
    const query = encodeURIComponent(expr);
    const path = target.instant
      ? `query?query=${query}&time=${to}`
      : `query_range?query=${query}&start=${from}&end=${to}&step=${step}`;
    const answer = await getBackendSrv().get<{ data: { result: Series[] } }>(`${this.url}/api/v1/${path}`);
    if (target.format === 'table') return [tableOf(answer.data.result, target.refId)];
    return answer.data.result.map((series) => frameOf(series, target, step));
  }
}

function frameOf({ metric, values, value }: Series, { refId, legendFormat }: PromQuery, step: number) {
  const points = values ?? (value ? [value] : []);
  const name = legendFormat?.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '');
  return toDataFrame({
    refId,
    name,
    fields: [
      {
        name: 'Time',
        type: FieldType.time,
        values: points.map(([seconds]) => seconds * 1000),
        // As in Grafana, a line has a gap where a sample is missing.
        config: { interval: step * 1000 },
      },
      {
        name: 'Value',
        type: FieldType.number,
        labels: metric,
        values: points.map(([, text]) => Number(text)),
        config: { displayNameFromDS: name },
      },
    ],
  });
}

/** One row per series and one column per label, as Grafana does for queries with the format "table". */
function tableOf(result: Series[], refId: string) {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value }) => (value?.[0] ?? 0) * 1000) },
      ...labels.map((label) => ({
        name: label,
        type: FieldType.string,
        values: result.map(({ metric }) => metric[label]),
      })),
      { name: `Value #${refId}`, type: FieldType.number, values: result.map(({ value }) => Number(value?.[1])) },
    ],
  });
}
