import { beforeAll, describe, expect, it } from 'vitest';
import { countedBy, countsOf } from './promised/counts.ts';
import { scraped, type Samples } from './promised/exporters.ts';
import type { Truth } from './promised/terms.ts';
import { truthOf } from './promised/truth.ts';
import { scenarioOf } from './promised/scenario.ts';
import { newWorld, type World } from './promised/world.ts';
import { playScenarios } from './support/promtool.ts';

/** By default, a short time is simulated; docs/alerts.md says how to run the whole simulation. */
const HOURS = Number(process.env.RUNBEAT_PROMISE_HOURS || 10);
const SEED = Number(process.env.RUNBEAT_SIMULATION_SEED || 1);

describe(`${HOURS} hours of promises to 20 DAGs`, { timeout: 24 * 3_600_000 }, () => {
  let world: World;
  let truths: Truth[];
  let samples: Samples;

  beforeAll(() => {
    world = newWorld(SEED, HOURS);
    truths = truthOf(world);
    samples = scraped(world);
  }, 24 * 3_600_000);

  it('every verdict is counted once', () => {
    expect(countedBy(samples)).toEqual(countsOf(truths));
  });

  it('each broken promise is reported within a minute, and nothing else', async () => {
    await expect(playScenarios([scenarioOf(world, samples, truths, 'promises')])).resolves.toBeUndefined();
  });
});
