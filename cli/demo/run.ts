import { ExporterClient } from './exporterClient.ts';
import { letUsersThrough } from './flows.ts';
import { serveUntilInterrupted } from './interactive.ts';
import { whenParentsEnd } from './parents.ts';
import { startParts, type Parts } from './parts.ts';
import { Progress } from './progress.ts';
import { formatSummary, summarise } from './summary.ts';

export interface DemoOptions {
  users: number;
  exit: boolean;
  json: boolean;
}

const EXIT_INTERRUPTED = 130;

/** Starts all parts, lets users arrive, ends all of it again, and answers the exit status. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const progress = new Progress(options.json ? process.stderr : process.stdout);
  const interrupted = untilInterrupted();
  const parts = await startParts(progress, options.exit);
  try {
    const work = options.exit
      ? runHeadless(parts, options, progress)
      : serveUntilInterrupted(parts, options.users, progress, interrupted);
    return await Promise.race([work, interrupted.then(() => (options.exit ? EXIT_INTERRUPTED : 0))]);
  } finally {
    progress.say('stopping');
    await parts.stop();
    progress.say('stopped');
  }
}

async function runHeadless(parts: Parts, options: DemoOptions, progress: Progress): Promise<number> {
  const exporter = new ExporterClient(parts.exporterUrl, parts.apiToken);
  const runs = await letUsersThrough(options.users, parts.pool, exporter, progress, parts.children.failed);
  const details = [];
  for (const run of runs) details.push(await exporter.runDetail(run));
  const summary = summarise(details, await exporter.schedulers());
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `\n${formatSummary(summary)}\n\n`);
  return details.every(({ run }) => run.state === 'success') ? 0 : 1;
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP, or when npm is gone; a second signal ends this process at once. */
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
