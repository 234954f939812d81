import { arrive } from '../../dags/arrivals.ts';
import { startPreview } from '../../preview/server.ts';
import { ExporterClient } from './exporterClient.ts';
import { letUsersThrough } from './flows.ts';
import { preferredPort, type Parts } from './parts.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import type { Progress } from './progress.ts';

const PREVIEW_PORT = 9551;
const PROMETHEUS_PORT = 9552;
const PROMETHEUS_FOLDER = '.runbeat/prometheus';
const ARRIVAL_EVERY_MS = 5_000;

/** Shows the URLs once the first users are through, and lets one more arrive every few seconds until the end. */
export async function serveUntilInterrupted(
  parts: Parts,
  users: number,
  progress: Progress,
  interrupted: Promise<void>,
): Promise<number> {
  const { pool, children, exporterUrl, apiToken } = parts;
  const previewPort = await preferredPort(PREVIEW_PORT, progress);
  const exporter = new ExporterClient(exporterUrl, apiToken);
  const prometheus = await startHistory(parts, progress);
  // Built beside the flows: the first start takes some seconds.
  const starting = startPreview({
    exporterUrl,
    apiToken,
    prometheusUrl: prometheus?.url,
    listen: `127.0.0.1:${previewPort}`,
  });
  starting.catch(() => undefined);
  parts.onStop(async () => (await starting.catch(() => null))?.stop());
  await letUsersThrough(users, pool, exporter, progress, children.failed);
  progress.say('building the preview of the Grafana app, where it has changed');
  const preview = await Promise.race([starting, children.failed, interrupted.then(() => null)]);
  if (!preview) return 0;
  process.stdout.write(urls(exporterUrl, preview.url, prometheus?.url));
  const arrivals = setInterval(() => {
    arrive(pool, 1).catch((error: Error) => progress.say(`no user could arrive: ${error.message}`));
  }, ARRIVAL_EVERY_MS);
  try {
    await Promise.race([interrupted, children.failed]);
    return 0;
  } finally {
    clearInterval(arrivals);
  }
}

/** The pages' history: a comfort, whose absence or failure costs nothing but itself. */
async function startHistory(parts: Parts, progress: Progress): Promise<RunningPrometheus | null> {
  const port = await preferredPort(PROMETHEUS_PORT, progress);
  const exporter = new URL(parts.exporterUrl).host;
  try {
    const prometheus = await startPrometheus({ folder: PROMETHEUS_FOLDER, exporter, port });
    if (prometheus) {
      parts.onStop(() => prometheus.stop());
      progress.say(`Prometheus is ready on port ${port} (data in ${PROMETHEUS_FOLDER})`);
    } else {
      progress.say('no prometheus on the PATH: the pages go without charts of the past');
    }
    return prometheus;
  } catch (error) {
    progress.say(`Prometheus did not start, so the pages go without charts of the past: ${(error as Error).message}`);
    return null;
  }
}

function urls(exporterUrl: string, previewUrl: string, prometheusUrl: string | undefined): string {
  return `
  Where is user 1?   ${previewUrl}
                     (the plugin in a preview page; this is not Grafana)
  Metrics            ${exporterUrl}/metrics
  Lookup API         ${exporterUrl}/api/v1/lookup?key=user_id&value=1
${prometheusUrl ? `  Prometheus         ${prometheusUrl}\n` : ''}
A user arrives every ${ARRIVAL_EVERY_MS / 1_000} seconds. Ctrl-C ends all of it.
`;
}
