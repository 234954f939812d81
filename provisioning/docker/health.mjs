// Checks the health of a container. Usage: node health.mjs [exporter|scheduler|worker]; the default is the container's own service.
// A running process is not enough: a scheduler or worker must have sent a heartbeat, and an exporter must be ready.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import pg from 'pg';

const CHECKS = {
  exporter: isReady,
  scheduler: () => sendsHeartbeats('SchedulerJob'),
  worker: () => sendsHeartbeats('WorkerJob'),
};

try {
  // Commands that run once, such as migrate, have no health check.
  const problem = await CHECKS[process.argv[2] ?? containerCommand()]?.();
  if (problem) throw new Error(problem);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** The argument after the entry point. With an init process, its command line ends in the same arguments. */
function containerCommand() {
  const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
  return words[words.indexOf('build/cli/main.js') + 1];
}

async function isReady() {
  const port = /\d+$/.exec(process.env.RUNBEAT_LISTEN || ':9550')[0];
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  return response.ok ? null : `not ready: ${await response.text()}`;
}

async function sendsHeartbeats(jobType) {
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
    return rowCount ? null : `no ${jobType} of ${hostname()} has sent a heartbeat within ${threshold} s`;
  } finally {
    await client.end().catch(() => undefined);
  }
}
