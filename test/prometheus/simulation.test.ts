import { describe, expect, it } from 'vitest';
import { missingBinaries } from '../../bench/stack/binaries.ts';
import { playScenarios } from './support/promtool.ts';
import { PIECE_SECONDS, simulatedPiece } from './support/simulation.ts';

/** A sample of the simulation runs with every test; RUNBEAT_SIMULATION_HOURS=1000 runs all of it. */
const HOURS = Number(process.env.RUNBEAT_SIMULATION_HOURS || 24);
const PIECES = Math.ceil((HOURS * 3_600) / PIECE_SECONDS);
const AT_ONCE = 6;

describe.skipIf(missingBinaries('promtool'))(`${HOURS} hours of heartbeats through the liveness rules`, () => {
  const batches = Array.from({ length: Math.ceil(PIECES / AT_ONCE) }, (_, batch) =>
    Array.from({ length: Math.min(AT_ONCE, PIECES - batch * AT_ONCE) }, (__, index) => batch * AT_ONCE + index),
  );

  it.each(batches.map((numbers) => ({ numbers, name: `${numbers[0]} to ${numbers.at(-1)}` })))(
    'pieces $name: nothing false, nothing missed',
    async ({ numbers }) => {
      await expect(playScenarios(numbers.map(simulatedPiece))).resolves.toBeUndefined();
    },
    300_000,
  );
});
