import type { SourceConfig } from '../config.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { openSource } from '../sources/connection.ts';
import { describeError } from '../sources/errors.ts';
import { inspect, type Inspection } from '../sources/inspection.ts';
import { OPTIONAL_TABLES } from '../sources/optionalTables.ts';
import { probe, UnknownSourceError } from '../sources/probe.ts';
import { SourceReader } from '../sources/reader.ts';
import type { Replica, SchedulerRow } from '../sources/rows.ts';
import { Findings, type Finding } from './finding.ts';
import { judgeKeys } from './keys.ts';

/** Number of newest runs that are checked for business keys. */
const NEWEST = 200;
/** Clock differences up to this are too small to matter for the ages of heartbeats, in seconds. */
const CLOCK_TOLERANCE = 2;
const SECOND = 1e6;

/** Checks one observed database with the connection settings, queries and limits of the exporter. Never rejects. */
export async function examineSource(
  source: SourceConfig,
  statementTimeoutSeconds: number,
  clock: () => number = Date.now,
): Promise<Finding[]> {
  const findings = new Findings(`source ${source.name}`);
  try {
    const inspected = await examineLogin(source, findings, clock);
    await examineTables(source, statementTimeoutSeconds, inspected, findings);
  } catch (error) {
    const advice =
      error instanceof UnknownSourceError
        ? 'Point RUNBEAT_SOURCE_URL at the metadata database, or grant the role what docs/sql says.'
        : 'Try the same URL with psql from this machine; docs/airflow.md has the SQL for the role.';
    findings.fault(describeError(error), advice);
  }
  return findings.all;
}

async function examineLogin(source: SourceConfig, findings: Findings, clock: () => number): Promise<Inspection> {
  return withClient({ url: source.url, name: `runbeat doctor (${source.name})` }, async (client) => {
    const { processID } = client as unknown as { processID: number | null };
    const before = clock();
    const found = await inspect(client);
    judgeLogin(found, processID, findings);
    judgeClock(found.now_us / SECOND - (before + clock()) / 2_000, findings);
    return found;
  });
}

function judgeLogin(found: Inspection, loginProcess: number | null, findings: Findings): void {
  const pooled = loginProcess !== null && loginProcess !== found.backend;
  findings.ok(
    `PostgreSQL ${found.server} answers ${found.role}${pooled ? ', through a pooler such as PgBouncer' : ''}.`,
  );
  if (found.writable.length === 0) return findings.ok('The role can only read.');
  findings.warn(
    `The role may change ${found.writable.join(', ')}. The exporter never does.`,
    'Give the exporter a read-only role of its own; docs/airflow.md has the SQL.',
  );
}

/** `ahead`: seconds by which the database's clock is ahead of this machine's. */
function judgeClock(ahead: number, findings: Findings): void {
  if (Math.abs(ahead) <= CLOCK_TOLERANCE) return findings.ok('Its clock and this machine’s agree.');
  findings.warn(
    `Its clock is ${Math.abs(ahead).toFixed(0)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine’s.`,
    'Synchronise both with NTP. Runbeat uses the database’s clock, so its times differ from those on this machine.',
  );
}

async function examineTables(
  source: SourceConfig,
  statementTimeoutSeconds: number,
  inspected: Inspection,
  findings: Findings,
): Promise<void> {
  const limits = { connections: 1, statementTimeoutMs: statementTimeoutSeconds * 1_000 };
  const pool = openSource(source.url, source.name, limits);
  try {
    const dialect = await probe(pool);
    findings.ok(`It is ${dialect.version}.`);
    const reader = new SourceReader(pool, dialect, source.keys);
    const { now_us: now, replica } = await reader.snapshot();
    if (replica) judgeReplica(replica, findings);
    judgeSchedulers(await reader.health.schedulers(), now, source.heartbeatThresholdSeconds, findings);
    const { max } = await reader.idRange();
    judgeKeys(source.keys, await reader.runsBelow(max + 1, NEWEST), findings);
    await Promise.all([reader.dags(), reader.pools(), reader.due()]);
    judgeGrants(inspected, findings);
  } finally {
    await pool.end();
  }
}

function judgeReplica({ is_receiving, received, applied }: Replica, findings: Findings): void {
  if (is_receiving && received !== null && applied >= received)
    return findings.ok('It is a standby that has applied everything it received from its primary.');
  findings.warn(
    `It is a standby that ${is_receiving ? 'has not yet applied everything it received' : 'receives nothing from its primary now'}.`,
    'All times are those of the data. A standby that lags by half of RUNBEAT_HEARTBEAT_THRESHOLD counts as unreachable.',
  );
}

function judgeGrants({ ungranted }: Inspection, findings: Findings): void {
  for (const table of ungranted) {
    findings.warn(
      `The role may not read all that Runbeat needs of the table ${table}, so Runbeat does not know ${OPTIONAL_TABLES[table].unknown}.`,
      'Run docs/sql/airflow-grants.sql again, as the role that owns Airflow’s tables.',
    );
  }
  if (ungranted.length === 0) findings.ok('The role may read every table that the exporter uses.');
}

function judgeSchedulers(
  schedulers: readonly SchedulerRow[],
  nowUs: number,
  thresholdSeconds: number,
  findings: Findings,
): void {
  const ages = schedulers
    .filter(({ state }) => state === 'running')
    .map(({ heartbeat_us }) => (nowUs - heartbeat_us) / SECOND);
  const alive = ages.filter((age) => age < thresholdSeconds).length;
  if (alive > 0) return findings.ok(`${alive} ${alive === 1 ? 'scheduler is' : 'schedulers are'} alive.`);
  const newest = ages.length === 0 ? 'none ever sent one' : `the newest is ${Math.min(...ages).toFixed(0)} s old`;
  findings.fault(
    `No scheduler has sent a heartbeat within ${thresholdSeconds} s (${newest}).`,
    'Start a scheduler; the runbook docs/runbooks/RunbeatSchedulerDown.md says where to look.',
  );
}
