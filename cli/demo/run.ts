import { ExporterClient } from './exporterClient.ts';
import { letUsersThrough } from './flows.ts';
import { serveUntilInterrupted } from './interactive.ts';
import { whenParentsEnd } from './parents.ts';
import { startAirflowParts } from './airflow.ts';
import { startParts, type Parts } from './parts.ts';
import { Progress } from './progress.ts';
import { Stops } from './stops.ts';
import { formatSummary, summarise } from './summary.ts';

export interface DemoOptions {
  users: number;
  exit: boolean;
  json: boolean;
  /** Whether to use a real Airflow 3 instead of the bundled scheduler. */
  airflow: boolean;
}

const EXIT_INTERRUPTED = 130;

/** Starts all parts, lets users arrive, stops everything, and returns the exit status. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const progress = new Progress(options.json ? process.stderr : process.stdout);
  const stops = new Stops();
  const interrupted = untilInterrupted();
  const starting = (options.airflow ? startAirflowParts : startParts)(progress, options.exit, stops);
  const work = options.exit
    ? runHeadless(starting, options, progress)
    : serveUntilInterrupted(starting, options.users, progress, stops, interrupted);
  try {
    return await Promise.race([work, interrupted.then(() => (options.exit ? EXIT_INTERRUPTED : 0))]);
  } finally {
    progress.say('stopping');
    await stops.run();
    // Services that were just being started stop by themselves.
    await work.catch(() => undefined);
    progress.say('stopped');
  }
}

async function runHeadless(starting: Promise<Parts>, options: DemoOptions, progress: Progress): Promise<number> {
  const parts = await starting;
  const exporter = new ExporterClient(parts.exporterUrl, parts.apiToken);
  const runs = await letUsersThrough(options.users, parts, exporter, progress, parts.services.failed);
  const details = [];
  for (const run of runs) details.push(await exporter.runDetail(run));
  const summary = summarise(details, await exporter.schedulers());
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `\n${formatSummary(summary)}\n\n`);
  return details.every(({ run }) => run.state === 'success') ? 0 : 1;
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP, or when npm has ended. A second signal ends this process immediately. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    whenParentsEnd(resolve);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(EXIT_INTERRUPTED);
        asked = true;
        resolve();
      });
    }
  });
}
