import { parseArgs } from 'node:util';
import type { Bench } from './figure.ts';

const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  transitions: () => import('./transitions.ts'),
  throughput: () => import('./throughput.ts'),
  scrape: () => import('./scrape.ts'),
  lookup: () => import('./lookup.ts'),
  catchup: () => import('./catchup.ts'),
  detection: () => import('./detection.ts'),
  panels: () => import('./panels.ts'),
  month: () => import('./month.ts'),
};

const USAGE = `usage: npm run bench -- NAME [--scale N] [--airflow]

NAME is one of: ${Object.keys(BENCHES).join(', ')}
Prints one JSON line a figure: {"bench","metric","value","unit","vs","ratio"}

RUNBEAT_BENCH_DATA=FOLDER keeps the Airflow databases that scrape, lookup and catchup make, and uses them again.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { scale: { type: 'string' }, airflow: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const load = BENCHES[positionals[0] ?? ''];
  const scale = values.scale === undefined ? undefined : Number(values.scale);
  if (!load || (scale !== undefined && !(Number.isInteger(scale) && scale > 0))) {
    console.error(load ? `--scale takes a whole number above 0, not "${values.scale}"` : USAGE);
    return 2;
  }
  const flags = new Set(values.airflow ? ['airflow'] : []);
  await (await load()).run({ scale, flags }, (figure) => console.log(JSON.stringify(figure)));
  return 0;
}

process.exitCode = await main();
