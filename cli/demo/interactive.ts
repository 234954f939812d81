import { startPreview, type Preview } from '../../preview/server.ts';
import { listBreakages } from './breakages.ts';
import { ExporterClient } from './exporterClient.ts';
import { letUsersThrough } from './flows.ts';
import { preferredPort, type Parts } from './parts.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import type { Progress } from './progress.ts';
import { takeOrders } from './remote.ts';
import { Stopped, type Stops } from './stops.ts';

const PREVIEW_PORT = 9551;
const PROMETHEUS_PORT = 9552;
const PROMETHEUS_FOLDER = '.runbeat/prometheus';
const ARRIVAL_EVERY_MS = 5_000;

/**
 * Shows what runs where when the runs of the first users have finished, and lets one more user arrive every few seconds. From then on,
 * the demo keeps running when a service ends, so that `runbeat demo break` and `mend` can show faults.
 */
export async function serveUntilInterrupted(
  starting: Promise<Parts>,
  users: number,
  progress: Progress,
  stops: Stops,
  interrupted: Promise<void>,
): Promise<number> {
  const parts = await starting;
  const { arrive, services, exporterUrl, apiToken } = parts;
  const exporter = new ExporterClient(exporterUrl, apiToken);
  const prometheus = await startCharts(parts, progress, stops);
  // Build it while the runs are active, because the first build takes some seconds.
  const opening = openPreview(parts, prometheus, progress, stops);
  opening.catch(() => undefined);
  await letUsersThrough(users, parts, exporter, progress, services.failed);
  progress.say('building the preview of the Grafana app, if it has changed');
  const preview = await Promise.race([opening, services.failed]);
  services.tolerate();
  await stops.add(await takeOrders(parts.breakable));
  process.stdout.write(overview(parts, preview.url, prometheus?.url));
  const arrivals = setInterval(() => {
    arrive(1).catch((error: Error) => {
      if (!stops.isStopping) progress.say(`a user could not arrive: ${error.message}`);
    });
  }, ARRIVAL_EVERY_MS);
  await stops.add(async () => clearInterval(arrivals));
  await interrupted;
  return 0;
}

async function openPreview(
  { exporterUrl, apiToken }: Parts,
  prometheus: RunningPrometheus | null,
  progress: Progress,
  stops: Stops,
): Promise<Preview> {
  const port = await preferredPort(PREVIEW_PORT, progress);
  const listen = `127.0.0.1:${port}`;
  const preview = await startPreview({ exporterUrl, apiToken, prometheusUrl: prometheus?.url, listen });
  await stops.add(() => preview.stop());
  return preview;
}

/** Starts a Prometheus for the charts over time. The demo works without it, so a failure here only affects those charts. */
async function startCharts(parts: Parts, progress: Progress, stops: Stops): Promise<RunningPrometheus | null> {
  const port = await preferredPort(PROMETHEUS_PORT, progress);
  const exporter = new URL(parts.exporterUrl).host;
  try {
    const prometheus = await startPrometheus({ folder: PROMETHEUS_FOLDER, exporter, port });
    if (prometheus) {
      await stops.add(() => prometheus.stop());
      progress.say(`Prometheus is ready on port ${port} (data in ${PROMETHEUS_FOLDER})`);
    } else {
      progress.say('Prometheus is not installed, so the pages have no charts over time, and no alert fires');
    }
    return prometheus;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    progress.say(`Prometheus did not start, so the pages have no charts over time: ${(error as Error).message}`);
    return null;
  }
}

/** Explains what is running, the addresses, where the data is, and what to try. */
function overview(parts: Parts, previewUrl: string, prometheusUrl: string | undefined): string {
  const { exporterUrl, others } = parts;
  return `
  What runs     Where                                        What it is
  Grafana app   ${previewUrl.padEnd(44)} a preview page that loads the plugin as Grafana does
  Metrics       ${`${exporterUrl}/metrics`.padEnd(44)} the exporter, for Prometheus
  Lookup API    ${exporterUrl}/api/v1/lookup?key=user_id&value=1
${prometheusUrl ? `  Prometheus    ${`${prometheusUrl}/alerts`.padEnd(44)} with the shipped rules\n` : ''}${others.map(([name, place, what]) => `  ${name.padEnd(13)} ${place.padEnd(44)} ${what}`.trimEnd()).join('\n')}

Try in another terminal, in this folder: npx runbeat demo break scheduler
Then open Health in the app. \`npx runbeat demo mend\` repairs everything. Other faults:

${listBreakages(parts.breakages)}

A user arrives every ${ARRIVAL_EVERY_MS / 1_000} seconds. Ctrl-C stops everything.
`;
}
