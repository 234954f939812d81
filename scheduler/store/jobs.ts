import { hostname, userInfo } from 'node:os';
import type { Queryable } from './database.ts';

export type JobType = 'SchedulerJob' | 'WorkerJob';

/** Registers this process as a scheduler or worker and returns its job id. */
export async function registerJob(db: Queryable, jobType: JobType, lane: string, queues: string[]): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into runbeat.job (job_type, state, lane, hostname, unixname, pid, queues, heartbeat_clock)
     values ($1, 'running', $2, $3, $4, $5, $6, $7) returning id`,
    [jobType, lane, hostname(), userName(), process.pid, queues, new Date()],
  );
  return rows[0]!.id;
}

function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // The uid may have no entry in the user database, as in many containers.
    return null;
  }
}

/**
 * Renews the heartbeat. If the job was declared dead in the meantime, it is alive again: its tries were ended and its late writes are
 * refused, but it may continue with new work.
 */
export async function beat(db: Queryable, jobId: number): Promise<void> {
  await db.query({
    name: 'job_beat',
    text: `update runbeat.job
              set latest_heartbeat = clock_timestamp(), heartbeat_clock = $2, state = 'running', end_date = null
            where id = $1`,
    values: [jobId, new Date()],
  });
}

/** Records that the job stopped cleanly, so that its missing heartbeat does not count. */
export async function endJob(db: Queryable, jobId: number): Promise<void> {
  await db.query(
    `update runbeat.job set state = 'success', end_date = clock_timestamp(), latest_heartbeat = clock_timestamp(),
            heartbeat_clock = $2 where id = $1`,
    [jobId, new Date()],
  );
}

/** Live schedulers of a lane, oldest first. */
export async function liveSchedulers(db: Queryable, lane: string, thresholdSeconds: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: 'job_schedulers',
    text: `select id from runbeat.job
            where job_type = 'SchedulerJob' and state = 'running' and lane = $1
              and latest_heartbeat > clock_timestamp() - $2 * interval '1 second'
            order by id`,
    values: [lane, thresholdSeconds],
  });
  return rows.map(({ id }) => id);
}

/** Marks jobs as failed whose heartbeat is older than the threshold. */
export async function failDeadJobs(db: Queryable, thresholdSeconds: number): Promise<void> {
  await db.query({
    name: 'job_fail_dead',
    text: `update runbeat.job set state = 'failed', end_date = latest_heartbeat
            where state = 'running' and latest_heartbeat < clock_timestamp() - $1 * interval '1 second'`,
    values: [thresholdSeconds],
  });
}
