import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Figure } from '../../bench/figure.ts';

/** Enough rounds for every fault of the database and half of those of services (`npm run bench -- chaos --rounds N`). */
const ROUNDS = 10;

describe('under chaos', () => {
  it('faults of services and the database do not lose, duplicate, block or fail a run', async () => {
    const bench = spawn(
      process.execPath,
      ['--import', 'tsx', path.resolve('bench/main.ts'), 'chaos', '--rounds', String(ROUNDS)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    for await (const chunk of bench.stdout) output += String(chunk);
    const figures = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Figure);
    const judged = figures.filter(({ limit }) => limit !== undefined);
    expect(Object.fromEntries(judged.map(({ metric, value }) => [metric, value]))).toEqual({
      lost: 0,
      doubled: 0,
      stuck: 0,
      innocent_failed: 0,
      services_died: 0,
    });
  });
});
