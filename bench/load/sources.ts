import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';

/** A runbeat.yaml that observes one database as several sources, with a promise for every DAG. */
export function writeSources(url: string, count: number): { file: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-load-'));
  const file = path.join(folder, 'runbeat.yaml');
  const sources = Array.from({ length: count }, (_, at) => ({
    name: `airflow-${at}`,
    url,
    keys: { user_id: 'conf.user_id' },
  }));
  const promises = [{ name: 'quick', dags: '*', ends_within: '10m', share: '95%' }];
  writeFileSync(file, stringify({ sources, promises }));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
