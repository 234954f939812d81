import pg from 'pg';
import { dag } from '../scheduler/authoring/index.ts';
import { createArrivals, markTriggered, arrivedUsers } from './arrivals.ts';

/** Users whose runs one turn starts. */
const BATCH = 200;

/** The thread that runs these functions is kept, and so is its connection. */
let pool: pg.Pool | null = null;

function database(databaseUrl: string): pg.Pool {
  pool ??= new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    idleTimeoutMillis: 5_000,
    allowExitOnIdle: true,
    application_name: 'user_arrivals',
  }).on('error', () => undefined);
  return pool;
}

const runIdOf = (userId: number): string => `user_${userId}`;

/**
 * Waits for users and starts `onboarding` for each that arrives. Only this small run is active while no user arrives: a
 * user who is not there yet costs no run of the big DAG.
 */
export default dag(
  'user_arrivals',
  {
    description: 'Waits for users and starts onboarding for each of them.',
    owner: 'demo',
    tags: ['demo', 'sensor'],
    schedule: '@continuous',
    defaults: { retries: 3, retryDelaySeconds: 1, timeoutSeconds: 60 },
  },
  (build) => {
    const arrived = build.sensor('user_arrived', { pokeIntervalSeconds: 0.25 }, async ({ databaseUrl }) => {
      await createArrivals(database(databaseUrl));
      return (await arrivedUsers(database(databaseUrl), 1)).length > 0;
    });
    const started = build.triggerDag(
      'start_onboarding',
      { after: arrived, dagId: 'onboarding', priority: 10 },
      async ({ databaseUrl }) => {
        const users = await arrivedUsers(database(databaseUrl), BATCH);
        return users.map((user) => ({
          runId: runIdOf(user.user_id),
          logicalDate: user.arrived_at,
          conf: { user_id: user.user_id, application: { id: user.application_id } },
        }));
      },
    );
    build.task('note_started', { after: started }, async ({ databaseUrl, log }) => {
      const db = database(databaseUrl);
      const users = await arrivedUsers(db, BATCH);
      // A user who arrived between the two tasks has no run yet and stays for the next turn.
      const { rows } = await db.query<{ run_id: string }>(
        "select run_id from runbeat.dag_run where dag_id = 'onboarding' and run_id = any($1)",
        [users.map((user) => runIdOf(user.user_id))],
      );
      const made = new Set(rows.map((row) => row.run_id));
      const noted = users.map((user) => user.user_id).filter((userId) => made.has(runIdOf(userId)));
      await markTriggered(db, noted);
      log(`${noted.length} users are on their way`);
    });
  },
);
