import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Stamp {
  run: string;
  at: number;
  /** Nanoseconds of the machine's monotonic clock, which all processes share. */
  began: string;
  ended: string;
}

/** Timestamps that the tasks of a chain take themselves, as their first and last instructions. */
export class InsideTasks {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'runbeat-stamps-'));

  /** Source of a DAG `id` with `tasks` sequential tasks. */
  chain(id: string, tasks: number): string {
    return `import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { dag } from 'runbeat';
const file = ${JSON.stringify(this.folder)} + '/' + process.pid + '_' + threadId;
const stamp = (at) => ({ runId }) => {
  const began = process.hrtime.bigint();
  const line = (ended) => JSON.stringify({ run: runId, at, began: String(began), ended: String(ended) }) + '\\n';
  appendFileSync(file, line(process.hrtime.bigint()));
};
export default dag('${id}', { maxActiveRuns: 1000, maxActiveTasks: 10000 }, (build) => {
  let after;
  for (let at = 0; at < ${tasks}; at++) after = build.task('task_' + at, { after, retries: 2 }, stamp(at));
});`;
  }

  /** Milliseconds from the last instruction of a task to the first one of the next, for runs whose id has this prefix. */
  gaps(runPrefix: string): number[] {
    const stamps = readdirSync(this.folder)
      .flatMap((name) => readFileSync(path.join(this.folder, name), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line) as Stamp)
      .filter(({ run }) => run.startsWith(runPrefix));
    const ends = new Map(stamps.map(({ run, at, ended }) => [`${run}/${at}`, BigInt(ended)]));
    return stamps.flatMap(({ run, at, began }) => {
      const before = ends.get(`${run}/${at - 1}`);
      return before === undefined ? [] : [Number(BigInt(began) - before) / 1e6];
    });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
