/** The two text formats that Prometheus reads. Only OpenMetrics carries exemplars. */
export type MetricsFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const VERSIONS = [undefined, '0.0.1', '1.0.0'];

/** The format that an Accept header prefers: the text format, unless it names OpenMetrics in a supported version. */
export function formatFor(accept: string | undefined): MetricsFormat {
  const ranges = (accept ?? '').split(',').map(parseRange);
  const best = (type: string): number =>
    Math.max(0, ...ranges.filter((range) => range.type === type).map(({ quality }) => quality));
  const openMetrics = ranges.filter(
    ({ type, version }) => type === 'application/openmetrics-text' && VERSIONS.includes(version),
  );
  const wanted = Math.max(0, ...openMetrics.map(({ quality }) => quality));
  return wanted > 0 && wanted >= best('text/plain') ? 'openmetrics' : 'text';
}

function parseRange(range: string): { type: string; version: string | undefined; quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const valueOf = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const quality = Number(valueOf('q') ?? 1);
  return { type, version: valueOf('version'), quality: Number.isFinite(quality) ? quality : 0 };
}
