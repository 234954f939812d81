import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { useDemos } from './demos.ts';

const demos = useDemos();

/** Only a hang takes longer. */
const WAIT = { timeout: 120_000, interval: 250 };

describe('the demo', () => {
  it.runIf(process.platform === 'linux')(
    'outlives its schedulers, breaks a promise when asked to, and mends both',
    async () => {
      const { demo, output, until } = demos.start('--users', '1');
      await until(/demo break scheduler/);
      expect(await demos.runbeat('demo', 'break', 'scheduler')).toMatch(/Watch: Health turns red/);
      await until(/the fast scheduler ended \(SIGKILL\); `npx runbeat demo mend` starts it again/);
      await demos.runbeat('demo', 'break', 'poison');
      await vi.waitFor(async () => expect(await health(output())).toEqual([0]), WAIT);
      expect(await demos.runbeat('demo', 'mend')).toContain('everything works again');
      await vi.waitFor(async () => expect(await health(output())).toEqual([2]), WAIT);
      expect(await demos.runbeat('demo', 'break', 'promise')).toContain('RunbeatPromiseMissed');
      await vi.waitFor(async () => expect(await overdue(output(), 'late-report')).toBeGreaterThan(0), WAIT);
      await demos.runbeat('demo', 'mend');
      await vi.waitFor(async () => expect(await overdue(output(), 'late-report')).toBeNull(), WAIT);
      await expect(demos.runbeat('demo', 'break', 'everything')).rejects.toThrow(
        /can't break "everything"[^]*scheduler/,
      );
      demo.kill('SIGINT');
      await once(demo, 'exit');
      await expect(demos.runbeat('demo', 'mend')).rejects.toThrow('No demo runs in this folder');
    },
  );
});

/** What the demo's exporter serves at /metrics. */
async function metrics(output: string): Promise<string> {
  const url = /(http:\S+\/metrics)/.exec(output)?.[1];
  return (await fetch(url!)).text();
}

/** Seconds by which a promise is overdue; null if there is no such promise. */
async function overdue(output: string, promise: string): Promise<number | null> {
  const line = new RegExp(`^runbeat_promise_overdue_seconds\\{[^}]*promise="${promise}"[^}]*\\} (\\S+)$`, 'm');
  const found = line.exec(await metrics(output))?.[1];
  return found === undefined ? null : Number(found);
}

/** The number of live schedulers, as the demo's exporter counts them. */
async function health(output: string): Promise<number[]> {
  const text = await metrics(output);
  return [...text.matchAll(/^runbeat_schedulers_alive\{[^}]*\} (\d+)$/gm)].map((line) => Number(line[1]));
}
