import { parseArgs } from 'node:util';
import type { Bench } from './figure.ts';

const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  transitions: () => import('./transitions.ts'),
  throughput: () => import('./throughput.ts'),
  scrape: () => import('./scrape.ts'),
  lookup: () => import('./lookup.ts'),
  run: () => import('./run.ts'),
  catchup: () => import('./catchup.ts'),
  detection: () => import('./detection.ts'),
  panels: () => import('./panels.ts'),
  month: () => import('./month.ts'),
  chaos: () => import('./chaos.ts'),
  cold: () => import('./cold.ts'),
  promises: () => import('./promises.ts'),
  expected: () => import('./expected.ts'),
  load: () => import('./load.ts'),
};

const USAGE = `usage: npm run bench -- NAME [--scale N] [--rounds N] [--minutes N] [--airflow]

NAME is one of: ${Object.keys(BENCHES).join(', ')}
Prints one JSON line a figure: {"bench","metric","value","unit","vs","ratio","better","limit","ok"}. The ratio is always
ours / theirs. Exits 1 where a limit is missed by more than the noise of the figure's own repeats.

RUNBEAT_BENCH_DATA=FOLDER keeps the Airflow databases that scrape, lookup and catchup make, and uses them again.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      scale: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      airflow: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const load = BENCHES[positionals[0] ?? ''];
  const numbers = ['scale', 'rounds', 'minutes'] as const;
  const problems = numbers.flatMap((option) => problemsOf(option, values[option]));
  if (!load || problems.length > 0) {
    console.error(load ? problems.join('\n') : USAGE);
    return 2;
  }
  const flags = new Set(values.airflow ? ['airflow'] : []);
  let missed = false;
  await (
    await load()
  ).run({ ...Object.fromEntries(numbers.map((option) => [option, numberOf(values[option])])), flags }, (figure) => {
    missed ||= figure.ok === false;
    console.log(JSON.stringify(figure));
  });
  return missed ? 1 : 0;
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function problemsOf(option: string, text: string | undefined): string[] {
  const value = numberOf(text);
  if (value === undefined || (Number.isInteger(value) && value > 0)) return [];
  return [`--${option} takes a whole number above 0, not "${text}"`];
}

process.exitCode = await main();
