import { fileURLToPath } from 'node:url';
import { CHECKS } from './checks/all.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `npm run check:docs`: generated files and documents against the code. Exits with 1 and prints a line for each problem. */
async function main(): Promise<number> {
  let failed = 0;
  for (const { name, run } of CHECKS) {
    const problems = await run(ROOT);
    process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n`);
    for (const problem of problems) process.stdout.write(`     ${problem}\n`);
    failed += problems.length;
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
