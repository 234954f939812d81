import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findBinary } from '../../platform/processes/binaries.ts';
import type { DemoSummary } from '../../cli/demo/summary.ts';

const RUNBEAT = path.resolve('bin/runbeat.mjs');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-demo-'));
});
// A test that fails half-way must not leave a demo for the next one.
const demos: ChildProcess[] = [];
afterEach(async () => {
  for (const demo of demos.splice(0)) {
    if (demo.exitCode !== null || demo.signalCode !== null) continue;
    const exit = once(demo, 'exit');
    demo.kill('SIGTERM');
    await exit;
  }
});
afterAll(() => {
  // As root the cluster lies elsewhere: mkdtemp's folder is closed to the user that PostgreSQL runs as.
  const placed = realpathSync(path.join(folder, '.runbeat', 'postgres'));
  if (!placed.startsWith(folder)) rmSync(path.dirname(placed), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

function startDemo(...args: string[]): {
  demo: ChildProcess;
  output: () => string;
  until(text: RegExp): Promise<void>;
} {
  const demo = spawn(process.execPath, [RUNBEAT, 'demo', ...args], {
    cwd: folder,
    env: { ...process.env, RUNBEAT_DATABASE_URL: '', RUNBEAT_TEST_MARK: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  demos.push(demo);
  let text = '';
  demo.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  demo.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(text)) resolve();
      };
      demo.stdout.on('data', look);
      demo.on('exit', () => reject(new Error(`the demo ended before it said ${pattern}:\n${text}`)));
    });
  return { demo, output: () => text, until };
}

/** Processes that carry this test's mark in their environment: the demo and everything it started. */
function marked(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`RUNBEAT_TEST_MARK=${folder}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function untilNoneIsMarked(): Promise<number[]> {
  const deadline = Date.now() + 20_000;
  while (marked().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  return marked();
}

describe('the demo', () => {
  it('sends users through onboarding, sums up and exits 0, with no process left', { timeout: 120_000 }, async () => {
    const { demo, output } = startDemo('--users', '3', '--exit', '--json');
    let answer = '';
    demo.stdout!.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const [code] = (await once(demo, 'exit')) as [number];
    expect(code, output()).toBe(0);
    const summary = JSON.parse(answer) as DemoSummary;
    expect(summary.runs_by_state).toEqual({ success: 3 });
    expect(summary.transitions).toBeGreaterThanOrEqual(3 * 30);
    expect(summary.heartbeat_age_seconds).toBeLessThan(30);
    expect(await untilNoneIsMarked()).toEqual([]);
  });

  it('shows the pages with a history where there is a Prometheus, until Ctrl-C', { timeout: 180_000 }, async () => {
    const { demo, output, until } = startDemo('--users', '1');
    await until(/Where is user 1\?/);
    const prometheus = /Prometheus +(http:\S+)/.exec(output())?.[1];
    if (findBinary('prometheus')) {
      // A Prometheus that is ready learns of its targets some seconds later.
      await vi.waitFor(
        async () => {
          const answer = await fetch(`${prometheus}/api/v1/targets`);
          expect(JSON.stringify(await answer.json())).toContain('"job":"runbeat"');
        },
        { timeout: 30_000, interval: 250 },
      );
    } else {
      expect(output()).toContain('no prometheus on the PATH');
    }
    demo.kill('SIGINT');
    const [code] = (await once(demo, 'exit')) as [number];
    expect(code, output()).toBe(0);
    expect(await untilNoneIsMarked()).toEqual([]);
  });

  it.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves no process behind when it gets %s in the middle of its work',
    { timeout: 120_000 },
    async (signal) => {
      const { demo, until } = startDemo('--users', '20', '--exit');
      await until(/users arrive/);
      expect(marked().length).toBeGreaterThan(3);
      demo.kill(signal);
      const ended = once(demo, 'exit');
      const hung = setTimeout(() => demo.kill('SIGKILL'), 20_000);
      const [code, killedBy] = (await ended) as [number | null, string | null];
      clearTimeout(hung);
      expect([code, killedBy]).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [130, null]);
      expect(await untilNoneIsMarked()).toEqual([]);
    },
  );
});
