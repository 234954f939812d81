import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DemoSummary } from '../cli/demo/summary.ts';
import { percentile, judged, spread, tell, type BenchOptions, type Figure } from './figure.ts';
import { round } from './schedulerLab.ts';

const RUNBEAT = path.resolve(import.meta.dirname, '../bin/runbeat.mjs');
const ROUNDS = 3;
const USERS = 20;

/** Transitions of the first users of a newly started demo. */
export async function run({ rounds = ROUNDS }: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const summaries: DemoSummary[] = [];
  for (let at = 0; at < rounds; at++) {
    tell(`demo ${at + 1} of ${rounds}`);
    summaries.push(await coldDemo());
  }
  for (const [metric, field, limit] of [
    ['p50_ms', 'transition_p50_seconds', 20],
    ['p99_ms', 'transition_p99_seconds', 150],
  ] as const) {
    const values = summaries.map((summary) => summary[field]! * 1_000);
    const figure = { bench: 'cold', metric, value: round(percentile(values, 0.5)), unit: 'ms' } as const;
    const vs = `median of ${rounds} demos, ${USERS} users at once each`;
    print(judged({ ...figure, vs, better: 'lower', limit }, { noise: spread(values) }));
  }
}

async function coldDemo(): Promise<DemoSummary> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-cold-'));
  chmodSync(folder, 0o755);
  try {
    const demo = spawn(process.execPath, [RUNBEAT, 'demo', '--users', String(USERS), '--exit', '--json'], {
      cwd: folder,
      env: { ...process.env, RUNBEAT_DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let answer = '';
    for await (const chunk of demo.stdout) answer += String(chunk);
    return JSON.parse(answer) as DemoSummary;
  } finally {
    // If this runs as root, the cluster may be elsewhere, with a link here.
    const placed = realpathSync(path.join(folder, '.runbeat', 'postgres'));
    if (!placed.startsWith(folder)) rmSync(path.dirname(placed), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
