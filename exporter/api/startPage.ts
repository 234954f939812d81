import type { RequestHandler } from 'express';

const LINKS = [
  ['/metrics', 'metrics, for Prometheus'],
  ['/readyz', 'whether the index and every source can be read'],
  ['/healthz', 'whether the process answers'],
  ['/openapi.json', 'the API, for programs (needs the token, if one is set)'],
  ['/api/v1/sources', 'observed databases, and how well they can be read (needs the token)'],
] as const;

/** The page at `/`, for people who open the exporter's address in a browser. */
export function startPage(version: string): RequestHandler {
  const items = LINKS.map(([path, text]) => `<li><a href="${path}">${path}</a> ${text}</li>`).join('\n');
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Runbeat exporter</title>
<style>body { font: 16px/1.5 sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }</style></head>
<body>
<h1>Runbeat exporter ${version}</h1>
<ul>
${items}
</ul>
<p>Dashboards and the lookup are in Grafana, in the app <em>Runbeat</em>.</p>
</body>
</html>
`;
  return (_request, response) => {
    response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.type('html').send(html);
  };
}
