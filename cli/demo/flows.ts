import { setTimeout } from 'node:timers/promises';
import type { LookupItem } from '../../shared/api.ts';
import { isFinishedRun } from '../../shared/states.ts';
import type { ExporterClient } from './exporterClient.ts';
import { pollUntil, type Progress } from './progress.ts';

const ANSWER_EVERY_MS = 200;
const FIRST_ANSWER_TIMEOUT_MS = 60_000;
/** Users don't arrive all at once: they come at intervals, and several together if there are many. */
const ARRIVAL_EVERY_MS = 300;
const LONGEST_ARRIVAL_MS = 30_000;

/** Lets this many users arrive at once and returns their ids. */
export type Arrive = (count: number) => Promise<number[]>;

export interface Arrivals {
  arrive: Arrive;
  /** How long one user may take beyond the first minute before the demo gives up. */
  patienceMs: number;
}

/** Lets users arrive one after the other, and waits until the exporter's lookup shows that the run of each has finished. */
export async function letUsersThrough(
  count: number,
  { arrive, patienceMs }: Arrivals,
  exporter: ExporterClient,
  progress: Progress,
  failed: Promise<never>,
): Promise<LookupItem[]> {
  await pollUntil(async () => ((await exporter.isReady()) ? true : null), {
    everyMs: 50,
    timeoutMs: FIRST_ANSWER_TIMEOUT_MS,
    complaint: 'The exporter was not ready after a minute. To see why, run `npx runbeat exporter` by itself.',
    failed,
  });
  progress.say(`${count} ${count === 1 ? 'user arrives' : 'users arrive'}`);
  const users = await letArrive(arrive, count, failed);
  let reported = 0;
  return pollUntil(
    async () => {
      const runs = await exporter.runsOfUsers(users);
      const finished = runs.filter(({ state }) => isFinishedRun(state)).length;
      if (finished > reported && (reported === 0 || finished === count || finished - reported >= count / 10)) {
        progress.say(`the runs of ${finished} of ${count} users have finished`);
        reported = finished;
      }
      return finished === count ? runs : null;
    },
    {
      everyMs: ANSWER_EVERY_MS,
      timeoutMs: FIRST_ANSWER_TIMEOUT_MS + count * patienceMs,
      complaint: `Not all of the ${count} users' runs finished in time; see \`npx runbeat runs list\`.`,
      failed,
    },
  );
}

async function letArrive(arrive: Arrive, count: number, failed: Promise<never>): Promise<number[]> {
  const atOnce = Math.ceil((count * ARRIVAL_EVERY_MS) / LONGEST_ARRIVAL_MS);
  const users: number[] = [];
  while (users.length < count) {
    if (users.length > 0) await Promise.race([setTimeout(ARRIVAL_EVERY_MS), failed]);
    users.push(...(await arrive(Math.min(atOnce, count - users.length))));
  }
  return users;
}
