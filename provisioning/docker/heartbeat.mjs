// Health of a container that runs a scheduler or a worker: its own row in runbeat.job must have a fresh heartbeat. A process
// that merely exists proves nothing. Usage: node heartbeat.mjs SchedulerJob|WorkerJob
import { hostname } from 'node:os';
import pg from 'pg';

const [jobType] = process.argv.slice(2);
const threshold = Number(process.env.RUNBEAT_HEARTBEAT_THRESHOLD || 30);
const client = new pg.Client({ connectionString: process.env.RUNBEAT_DATABASE_URL, connectionTimeoutMillis: 3_000 });
try {
  await client.connect();
  const { rowCount } = await client.query(
    `select from runbeat.job
      where job_type = $1 and hostname = $2 and state = 'running'
        and latest_heartbeat > now() - make_interval(secs => $3)`,
    [jobType, hostname(), threshold],
  );
  if (!rowCount) console.error(`no ${jobType} of ${hostname()} has sent a heartbeat within ${threshold} s`);
  process.exitCode = rowCount ? 0 : 1;
} catch (error) {
  console.error(`heartbeat not readable: ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => undefined);
}
