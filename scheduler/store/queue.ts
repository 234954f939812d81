import type { Queryable } from './database.ts';

/** Channel that notifies workers of queued task instances. Channels of lanes contain a colon, so the names can't collide. */
export const QUEUED_CHANNEL = 'runbeat_queued';

/** Makes this connection listen for queued task instances. */
export async function listenForQueued(db: Queryable): Promise<void> {
  await db.query(`listen ${QUEUED_CHANNEL}`);
}

/** All queues that DAGs name, and `default`. */
export async function knownQueues(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ queue: string }>(
    "select distinct unnest(queues || 'default'::text) as queue from runbeat.dag order by 1",
  );
  const queues = rows.map(({ queue }) => queue);
  return queues.length > 0 ? queues : ['default'];
}
