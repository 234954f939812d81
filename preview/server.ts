import type { AddressInfo } from 'node:net';
import { createPreviewApp } from './app.ts';
import { buildPreview } from './build.ts';
import type { HostPackages } from './buildHost.ts';
import { provision } from './dataSources.ts';

export interface PreviewOptions {
  exporterUrl: string;
  /** The exporter's RUNBEAT_API_TOKEN; the proxy adds it, the browser never sees it. */
  apiToken?: string;
  /** History on the health and flows pages comes from here; without it they show what the exporter knows. */
  prometheusUrl?: string;
  /** host:port; port 0 takes a free one. */
  listen: string;
  /** jsonData of the app. */
  appSettings?: Record<string, unknown>;
  /** As Grafana's `dataproxy.timeout`, which is 30 s unless it was set. */
  proxyTimeoutMs?: number;
  /** Another set of Grafana packages than the repository's. */
  packages?: HostPackages;
}

export interface Preview {
  url: string;
  stop(): Promise<void>;
}

/** Builds what is out of date and serves the host page; stop() ends open connections too. */
export async function startPreview(options: PreviewOptions): Promise<Preview> {
  const host = await buildPreview(options.packages);
  const app = createPreviewApp({
    host,
    dataSources: provision(options),
    appSettings: options.appSettings ?? {},
    proxyTimeoutMs: options.proxyTimeoutMs ?? 30_000,
  });
  const colon = options.listen.lastIndexOf(':');
  const [address, port] = [options.listen.slice(0, colon), Number(options.listen.slice(colon + 1))];
  const server = app.listen(port, address);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
