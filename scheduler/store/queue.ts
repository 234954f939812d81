import type { Queryable } from './database.ts';

/** Channel on which workers hear that task instances were queued. A lane's channel has a colon, so the names never meet. */
export const QUEUED_CHANNEL = 'runbeat_queued';

/** Has this connection notified when task instances are queued. */
export async function listenForQueued(db: Queryable): Promise<void> {
  await db.query(`listen ${QUEUED_CHANNEL}`);
}

/** All queues that DAGs name, `default` among them. */
export async function knownQueues(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ queue: string }>(
    "select distinct unnest(queues || 'default'::text) as queue from runbeat.dag order by 1",
  );
  const queues = rows.map(({ queue }) => queue);
  return queues.length > 0 ? queues : ['default'];
}
