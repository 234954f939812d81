// Runs an SQL file in the database of RUNBEAT_DATABASE_URL. Then sets the password of each role whose variable NAME_PASSWORD
// is set, such as RUNBEAT_WORKER_PASSWORD for runbeat_worker. Usage: node sql.mjs FILE, a path relative to this folder
import { readFileSync } from 'node:fs';
import pg from 'pg';

const ROLES = ['runbeat_owner', 'runbeat_scheduler', 'runbeat_worker', 'runbeat_reader', 'runbeat_exporter', 'airflow'];
const [file] = process.argv.slice(2);
const client = new pg.Client({ connectionString: process.env.RUNBEAT_DATABASE_URL, connectionTimeoutMillis: 10_000 });
try {
  await client.connect();
  await client.query('begin');
  await client.query(readFileSync(new URL(file, import.meta.url), 'utf8'));
  for (const role of ROLES) {
    const password = process.env[`${role.toUpperCase()}_PASSWORD`];
    if (password) await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
  }
  await client.query('commit');
} catch (error) {
  console.error(`${file} could not be run: ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => undefined);
}
