import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Evaluators } from '../../scheduler/loading/evaluate.ts';

let folder: string;
const evaluators = new Evaluators();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'runbeat-evaluate-'));
});
afterAll(async () => {
  await evaluators.close();
  await rm(folder, { recursive: true });
});

it('a file that ends its thread after it was read does not delay the next file', async () => {
  const ended = path.join(folder, 'ended');
  const file = path.join(folder, 'exits.mjs');
  await writeFile(
    file,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => writeFileSync(${JSON.stringify(ended)}, ''));
     setTimeout(() => process.exit(1), 100);`,
  );
  await evaluators.evaluate({ file });
  await vi.waitFor(() => expect(existsSync(ended)).toBe(true), 60_000);
  const before = performance.now();
  await expect(evaluators.evaluate({ yaml: 'dag_id: next' })).resolves.toHaveLength(1);
  // A thread that has ended does not answer, so a request to it would take the time limit of ten seconds.
  expect(performance.now() - before).toBeLessThan(9_000);
});
