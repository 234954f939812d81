import { afterAll, describe, expect, it } from 'vitest';
import { OUTAGES } from './simulation/happenings.ts';
import { PIECE_SECONDS, scenarioOf, simulatedPiece } from './simulation/piece.ts';
import { newWorld } from './simulation/world.ts';
import { playScenarios } from './support/promtool.ts';

/** By default, a sample is simulated; docs/alerts.md says how to run the whole simulation. */
const HOURS = Number(process.env.RUNBEAT_SIMULATION_HOURS || 20);
const SEED = Number(process.env.RUNBEAT_SIMULATION_SEED || 2);
const PIECES = Array.from({ length: Math.ceil((HOURS * 3_600) / PIECE_SECONDS) }, (_, number) => number);

describe(`${HOURS} hours of heartbeats through the liveness rules`, () => {
  const seen = new Map<string, number>();

  afterAll(() => {
    const lines = [...seen]
      .sort(([, a], [, b]) => b - a)
      .map(([name, times]) => `${String(times).padStart(5)} ${name}`);
    process.stdout.write(`${PIECES.length} pieces of ${PIECE_SECONDS / 3_600} hours:\n${lines.join('\n')}\n`);
  });

  it.each(PIECES)('piece %i: no false alarm, no missed alert', async (number) => {
    const { scenario, world } = simulatedPiece(SEED, number);
    const told = world.happenings.map(({ at, name }) => `${Math.round(at)} s: ${name}`).join('\n');
    const verdict = await playScenarios([scenario]).catch((error: Error) => `${error.message}\n${told}`);
    expect(verdict).toBeUndefined();
    for (const { name } of world.happenings) seen.set(name, (seen.get(name) ?? 0) + 1);
    for (const { labels } of world.ringing) {
      const name = `${labels.alertname} due`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
  });
});

describe('the simulation itself', { timeout: 600_000 }, () => {
  const at = 1_500;

  it('detects a false alarm: an alert without a known cause', async () => {
    const world = newWorld(1, 3_600);
    OUTAGES['every scheduler killed']!(world, at);
    world.ringing = [];
    await expect(playScenarios([scenarioOf(world, 'unexpected')])).rejects.toThrow(
      /false_alarm[^]*RunbeatSchedulerDown/,
    );
  });

  it('detects a missed alert: a cause without an alert', async () => {
    const world = newWorld(1, 3_600);
    OUTAGES['a loop that beats without scheduling']!(world, at);
    world.stalled = [];
    await expect(playScenarios([scenarioOf(world, 'missed')])).rejects.toThrow(/missed[^]*RunbeatSchedulingStalled/);
  });
});
