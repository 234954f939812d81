import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { useDemos } from './demos.ts';

const demos = useDemos();

describe('the demo', () => {
  it.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves no process behind when it gets %s in the middle of its work',
    async (signal) => {
      const { demo, until } = demos.start('--users', '20', '--exit');
      await until(/users arrive/);
      expect(demos.processes().length).toBeGreaterThan(3);
      demo.kill(signal);
      const ended = once(demo, 'exit');
      const hung = setTimeout(() => demo.kill('SIGKILL'), 60_000);
      const [code, killedBy] = (await ended) as [number | null, string | null];
      clearTimeout(hung);
      expect([code, killedBy]).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [130, null]);
      expect(await demos.processesLeft()).toEqual([]);
    },
  );

  it.runIf(process.platform === 'linux')('shuts down cleanly when the reader of its output has ended', async () => {
    const { demo, until } = demos.start('--users', '20', '--exit');
    const ended = once(demo, 'exit');
    await until(/PostgreSQL is ready/);
    demo.stdout!.destroy();
    expect(await ended).toEqual([130, null]);
    expect(await demos.processesLeft()).toEqual([]);
  });

  // Lines of output that mark the phases of a start, and the delay of the signal after each.
  const moments = [
    [/^/, 0],
    [/PostgreSQL is ready/, 0],
    [/PostgreSQL is ready/, 1_000],
    [/users? arrive/, Math.random() * 3_000],
    [/building the preview/, Math.random() * 500],
    [/What runs/, Math.random() * 1_000],
    [/stopping/, 0],
  ] as const;
  it
    .runIf(process.platform === 'linux')
    .each(
      moments.flatMap(([line, delay], at) => [
        [at % 2 ? ('SIGINT' as const) : ('SIGTERM' as const), line, delay] as const,
      ]),
    )('ends at %s, told so after "%s" and %d ms more', async (signal, line, delay) => {
    const { demo, output, until } = demos.start('--users', '2');
    const ended = once(demo, 'exit');
    if (line.source === 'stopping') {
      await until(/PostgreSQL is ready/);
      demo.kill('SIGTERM');
    }
    await until(line);
    await new Promise((resolve) => setTimeout(resolve, delay));
    demo.kill(signal);
    await ended;
    // Before it has started anything, the signal itself may end it.
    expect(demo.signalCode, output()).not.toBe('SIGKILL');
    expect(await demos.processesLeft()).toEqual([]);
  });
});
