import { listen } from '../platform/http/listen.ts';
import { listenAddress } from '../platform/settings.ts';
import { createPreviewApp } from './app.ts';
import { buildPreview } from './build.ts';
import type { HostPackages } from './buildHost.ts';
import { provision } from './dataSources.ts';

export interface PreviewOptions {
  exporterUrl: string;
  /** The exporter's RUNBEAT_API_TOKEN; the proxy adds it, the browser never sees it. */
  apiToken?: string;
  /** Prometheus for the charts over time on the health and flows pages; without it, they only show the exporter's data. */
  prometheusUrl?: string;
  /** host:port; port 0 takes a free one. */
  listen: string;
  /** jsonData of the app. */
  appSettings?: Record<string, unknown>;
  /** As Grafana's `dataproxy.timeout`, which is 30 s unless it was set. */
  proxyTimeoutMs?: number;
  /** Where the page is below its host, as Grafana's `serve_from_sub_path`: `/grafana`; at the root when left out. */
  subPath?: string;
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
  const address = listenAddress.parse(options.listen);
  const app = createPreviewApp({
    host,
    listenHost: address.host,
    dataSources: provision(options),
    appSettings: options.appSettings ?? {},
    subPath: options.subPath ?? '',
    proxyTimeoutMs: options.proxyTimeoutMs ?? 30_000,
  });
  const server = await listen(app, address, 'the address of the preview');
  return { url: server.url + (options.subPath ?? ''), stop: server.close };
}
