import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.ts';
import { installHosts, startInEach } from './hosts.ts';
import { API_TOKEN, startStack } from './stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the preview with the real exporter, by host. */
    previews: { name: string; url: string }[];
    exporterUrl: string;
    /** A real Prometheus that scrapes the exporter; null where none is installed. */
    prometheusUrl: string | null;
    /** Of the stack's PostgreSQL. */
    databaseUrl: string;
    /** Users whose onboarding has succeeded. */
    users: number[];
  }
}

const USERS = 6;

/** One real product for all files, and a preview of it in each Grafana. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!findChromium()) {
    throw new Error(
      'test:browser needs a Chromium. Install one (Debian: apt-get install chromium), or name it in RUNBEAT_CHROMIUM.',
    );
  }
  installHosts();
  const stack = await startStack({ scraped: true });
  const stops: (() => Promise<void>)[] = [() => stack.stop()];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const previews = await startInEach({
      exporterUrl: stack.exporterUrl,
      apiToken: API_TOKEN,
      prometheusUrl: stack.prometheusUrl ?? undefined,
    });
    stops.push(...previews.map((preview) => preview.stop));
    project.provide(
      'previews',
      previews.map(({ name, url }) => ({ name, url })),
    );
    project.provide('exporterUrl', stack.exporterUrl);
    project.provide('prometheusUrl', stack.prometheusUrl);
    project.provide('databaseUrl', stack.databaseUrl);
    project.provide('users', await stack.letThrough(USERS));
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
