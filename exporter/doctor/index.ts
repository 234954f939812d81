import { describeError } from '../sources/errors.ts';
import { openIndex } from '../index/database.ts';
import { Findings, type Finding } from './finding.ts';

/** Opens the index as the exporter does, which also migrates its schema. Never rejects. */
export async function examineIndex(url: string | null, dataDir: string): Promise<Finding[]> {
  const findings = new Findings('index');
  if (url === null) {
    findings.ok(`The exporter starts its own PostgreSQL in ${dataDir}. Only one exporter on this machine can use it.`);
    return findings.all;
  }
  try {
    const pool = await openIndex(url);
    await pool.end();
    findings.ok('The index can be opened, and its schema is up to date.');
  } catch (error) {
    const advice = 'Set RUNBEAT_INDEX_URL to a PostgreSQL (14 to 18) in which its role may create a schema.';
    findings.fault(describeError(error), advice);
  }
  return findings.all;
}
