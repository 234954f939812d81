import { listen } from '../platform/http/listen.ts';
import { listenAddress } from '../platform/settings.ts';
import { createPreviewApp } from './app.ts';
import { buildPreview } from './build.ts';
import type { HostPackages } from './buildHost.ts';
import { provision } from './dataSources.ts';

export interface PreviewOptions {
  exporterUrl: string;
  /** The exporter's RUNBEAT_API_TOKEN. The proxy adds it, and the browser never sees it. */
  apiToken?: string;
  /** Prometheus for the charts over time on the health and flows pages; without it, they only show the exporter's data. */
  prometheusUrl?: string;
  /** host:port; port 0 takes a free one. */
  listen: string;
  /** jsonData of the app. */
  appSettings?: Record<string, unknown>;
  /** Like Grafana's `dataproxy.timeout`; by default 30 s. */
  proxyTimeoutMs?: number;
  /** Sub path of the page, like `/grafana` with Grafana's `serve_from_sub_path`; by default the root. */
  subPath?: string;
  /** Grafana packages other than those of the repository. */
  packages?: HostPackages;
}

export interface Preview {
  url: string;
  stop(): Promise<void>;
}

/** Builds outdated parts and serves the host page. stop() also closes open connections. */
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
