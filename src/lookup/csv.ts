import { locationUtil } from '@grafana/data';
import { isoOf, type LookupRow } from './row.ts';

const COLUMNS: readonly [name: string, read: (row: LookupRow) => string][] = [
  ['key', (row) => row.key],
  ['value', (row) => row.value],
  ['state', (row) => row.state ?? ''],
  ['logical_date', (row) => isoOf(row.logicalDate)],
  ['dag_id', (row) => row.dagId],
  ['run_id', (row) => row.runId],
  ['source', (row) => row.source],
  ['start_date', (row) => isoOf(row.startDate)],
  ['end_date', (row) => isoOf(row.endDate)],
  ['duration_seconds', (row) => String(row.durationSeconds ?? '')],
  ['stands_at', (row) => row.standsAt ?? ''],
  ['graph_url', (row) => absolute(row.graphUrl)],
];

/** CSV (RFC 4180) of the found runs, then one line for each id without a run, so that every pasted id is in it. */
export function lookupCsv(rows: readonly LookupRow[], notFound: { key: string; values: readonly string[] }): string {
  const lines = rows.map((row) => COLUMNS.map(([, read]) => cell(read(row))));
  const missing = notFound.values.map((value) => COLUMNS.map(([name]) => cell(missingCell(name, notFound.key, value))));
  return [COLUMNS.map(([name]) => name), ...lines, ...missing].map((line) => line.join(',') + '\r\n').join('');
}

/** Makes a URL absolute, because the file is opened outside Grafana. */
function absolute(url: string | null): string {
  return url === null ? '' : new URL(locationUtil.assureBaseUrl(url), window.location.origin).href;
}

function missingCell(column: string, key: string, value: string): string {
  if (column === 'key') return key;
  if (column === 'value') return value;
  return column === 'state' ? 'not found' : '';
}

/** Quotes a cell. An apostrophe prevents spreadsheets from evaluating an id or a DAG's name as a formula (OWASP, CSV injection). */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
