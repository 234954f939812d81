import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findBinary } from '../../platform/processes/binaries.ts';
import type { Series } from './series.ts';

const run = promisify(execFile);

/** The size of Prometheus's blocks after a few days of compaction: 2 h × 3³. */
export const BLOCK_SECONDS = 54 * 3_600;
const PIECE_BYTES = 4_000_000;

/** Writes the series from one multiple of BLOCK_SECONDS to another as Prometheus blocks, and returns the number of samples. */
export async function backfill(folder: string, series: readonly Series[], from: number, to: number): Promise<number> {
  let samples = 0;
  let written: Promise<unknown> = Promise.resolve();
  for (let start = from; start < to; start += BLOCK_SECONDS) {
    const file = path.join(folder, `${start}.om`);
    samples += await writeExposition(file, series, start, start + BLOCK_SECONDS);
    // Write the next block while promtool reads this one.
    await written;
    written = toBlock(file, path.join(folder, 'data'));
  }
  await written;
  return samples;
}

async function toBlock(file: string, data: string): Promise<void> {
  const duration = `--max-block-duration=${BLOCK_SECONDS / 3_600}h`;
  await run(findBinary('promtool')!, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', duration, file, data]);
  await rm(file);
}

async function writeExposition(file: string, series: readonly Series[], from: number, to: number): Promise<number> {
  const out = createWriteStream(file);
  const tick = Math.min(...series.map(({ stepSeconds }) => stepSeconds));
  let text = '';
  let samples = 0;
  const flush = async (): Promise<void> => {
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  };
  for (let at = from; at < to; at += tick) {
    for (const one of series) {
      if (at % one.stepSeconds !== 0) continue;
      one.value = one.next(one.value);
      text += `${one.selector}${one.value} ${at}\n`;
      samples += 1;
    }
    if (text.length > PIECE_BYTES) await flush();
  }
  text += '# EOF\n';
  await flush();
  out.end();
  await once(out, 'finish');
  return samples;
}
