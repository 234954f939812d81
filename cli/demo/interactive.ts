import { arrive } from '../../dags/arrivals.ts';
import { startPreview } from '../../preview/server.ts';
import { ExporterClient } from './exporterClient.ts';
import { letUsersThrough } from './flows.ts';
import { preferredPort, type Parts } from './parts.ts';
import type { Progress } from './progress.ts';

const PREVIEW_PORT = 9551;
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
  // Built beside the flows: the first start takes some seconds.
  const starting = startPreview({ exporterUrl, apiToken, listen: `127.0.0.1:${previewPort}` });
  starting.catch(() => undefined);
  parts.onStop(async () => (await starting.catch(() => null))?.stop());
  await letUsersThrough(users, pool, exporter, progress, children.failed);
  progress.say('building the preview of the Grafana app, where it has changed');
  const preview = await Promise.race([starting, children.failed, interrupted.then(() => null)]);
  if (!preview) return 0;
  process.stdout.write(urls(exporterUrl, preview.url));
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

function urls(exporterUrl: string, previewUrl: string): string {
  return `
  Where is user 1?   ${previewUrl}
                     (the plugin in a preview page; this is not Grafana)
  Metrics            ${exporterUrl}/metrics
  Lookup API         ${exporterUrl}/api/v1/lookup?key=user_id&value=1

A user arrives every ${ARRIVAL_EVERY_MS / 1_000} seconds. Ctrl-C ends all of it.
`;
}
