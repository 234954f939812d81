import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { findBinary } from '../../platform/processes/binaries.ts';
import type { DemoSummary } from '../../cli/demo/summary.ts';
import { useDemos } from './demos.ts';

const demos = useDemos();

describe('the demo', () => {
  it(
    'sends users through onboarding, prints a summary and exits with 0, leaving no process',
    { timeout: 120_000 },
    async () => {
      const { demo, output } = demos.start('--users', '3', '--exit', '--json');
      let answer = '';
      demo.stdout!.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      const [code] = (await once(demo, 'exit')) as [number];
      expect(code, output()).toBe(0);
      const summary = JSON.parse(answer) as DemoSummary;
      expect(summary.runs_by_state).toEqual({ success: 3 });
      expect(summary.transitions).toBeGreaterThanOrEqual(3 * 30);
      expect(summary.heartbeat_age_seconds).toBeLessThan(30);
      expect(await demos.processesLeft()).toEqual([]);
    },
  );

  it(
    'shows the pages, with charts over time if there is a Prometheus, until Ctrl-C',
    { timeout: 180_000 },
    async () => {
      const { demo, output, until } = demos.start('--users', '1');
      await until(/What runs/);
      const prometheus = /Prometheus +(http:\S+)\/alerts/.exec(output())?.[1];
      if (findBinary('prometheus')) {
        // Prometheus discovers its targets some seconds after it is ready.
        await vi.waitFor(
          async () => {
            const answer = await fetch(`${prometheus}/api/v1/targets`);
            expect(JSON.stringify(await answer.json())).toContain('"job":"runbeat"');
          },
          { timeout: 30_000, interval: 250 },
        );
      } else {
        expect(output()).toContain('Prometheus is not installed');
      }
      demo.kill('SIGINT');
      const [code] = (await once(demo, 'exit')) as [number];
      expect(code, output()).toBe(0);
      expect(await demos.processesLeft()).toEqual([]);
    },
  );
});
