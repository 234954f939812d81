import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QueueConsumer, type ConsumerMeans } from '../../scheduler/services/queueConsumer.ts';
import type { StartedAttempt } from '../../scheduler/store/attempts.ts';

// Timers of node:timers/promises are not faked.
vi.mock('../../platform/time/pause.ts', () => ({
  pause: (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}));

const NONE: StartedAttempt[] = [];
const attempt = (id: number): StartedAttempt => ({ id, try_number: 1, reschedules: 0 }) as StartedAttempt;

/** The database is a mock, because a test can't cut a connection in the middle of a given statement. */
describe('a take whose response was lost', () => {
  let consumer: QueueConsumer;
  const listener = Object.assign(new EventEmitter(), { query: async () => undefined, end: async () => undefined });
  const ran: number[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    ran.length = 0;
  });
  afterEach(async () => {
    const stopped = consumer.stop();
    await vi.runAllTimersAsync();
    await stopped;
    vi.useRealTimers();
  });

  function consume(means: Pick<ConsumerMeans, 'take' | 'held'> & Partial<ConsumerMeans>): void {
    const run = async ({ id }: StartedAttempt): Promise<void> => void ran.push(id);
    const connect = async (): Promise<pg.Client> => listener as unknown as pg.Client;
    consumer = new QueueConsumer(4, { run, connect, logger: pino({ enabled: false }), ...means });
    consumer.serve(['default']);
  }

  it('runs an attempt that the server committed only after the worker was back', async () => {
    const take = vi.fn(async () => NONE).mockRejectedValueOnce(new Error('Connection terminated unexpectedly'));
    const held = vi.fn(async (): Promise<StartedAttempt[]> => []);
    held.mockResolvedValueOnce([]).mockResolvedValueOnce([attempt(7)]);
    consume({ take, held });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(held.mock.calls.length).toBeGreaterThan(1);
    expect(ran).toEqual([7]);
  });

  it('does not run an attempt again that ended during its query', async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const run = async ({ id }: StartedAttempt): Promise<void> => {
      ran.push(id);
      await ended;
    };
    const take = vi
      .fn(async () => NONE)
      .mockResolvedValueOnce([attempt(7)])
      .mockRejectedValueOnce(new Error('Connection terminated unexpectedly'));
    const held = vi
      .fn(async () => [])
      .mockImplementationOnce(async () => {
        end();
        await new Promise(setImmediate);
        return [attempt(7)] as never;
      });
    consume({ take, held, run });
    // The third take comes after the response has been processed.
    await vi.waitFor(() => expect(take).toHaveBeenCalledTimes(3), { timeout: 10_000, interval: 100 });
    expect(held).toHaveBeenCalledTimes(1);
    expect(ran).toEqual([7]);
  });

  it('stops querying once no such statement can still be running', async () => {
    const take = vi.fn(async () => NONE).mockRejectedValueOnce(new Error('Connection terminated unexpectedly'));
    const held = vi.fn(async () => []);
    consume({ take, held });
    await vi.advanceTimersByTimeAsync(40_000);
    const asked = held.mock.calls.length;
    expect(asked).toBeGreaterThan(20);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(held).toHaveBeenCalledTimes(asked);
  });
});
