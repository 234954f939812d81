import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Names } from './names.ts';
import type { IndexedRun } from './rows.ts';
import { RUN_COLUMNS, RUN_KEY_COLUMNS, MARK_REPLACED, UPSERT_RUNS } from './statements.ts';

/** Inserts or updates runs. */
export async function upsertRuns(
  client: pg.PoolClient,
  sourceId: number,
  runs: readonly IndexedRun[],
  names: Names,
): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map((run) => {
    const pairs = pairsOf(run, names);
    const stored = pairs.length > 0 ? { keys: run.keys, found: pairs } : { keys: null, found: null };
    return { ...run, ...stored, dag: names.dag(run.dag_id), at_us: momentOf(run) };
  });
  await client.query(UPSERT_RUNS, [sourceId, JSON.stringify(rows)]);
  // Only runs that are new to the index come with keys.
  const fresh = rows.filter((_, at) => runs[at]!.keys !== null);
  if (fresh.length === 0) return;
  const named = [fresh.map((run) => run.id), fresh.map((run) => run.dag), fresh.map((run) => run.run_id)];
  await client.query(MARK_REPLACED, [sourceId, ...named]);
}

/**
 * Adds runs (newest first) that the index does not have yet. Runs that it has are more recent there and stay unchanged. COPY costs
 * half as much as INSERT, but has no ON CONFLICT. So the transaction must lock the row of the source, to keep other exporters from
 * adding the same runs.
 */
export async function addRuns(
  client: pg.PoolClient,
  sourceId: number,
  runs: readonly IndexedRun[],
  names: Names,
): Promise<void> {
  if (runs.length === 0) return;
  const { rows } = await client.query<{ id: number }>(
    'select id from run where source_id = $1 and id between $2 and $3',
    [sourceId, runs.at(-1)!.id, runs[0]!.id],
  );
  const known = new Set(rows.map((row) => row.id));
  let runText = '';
  let keyText = '';
  // Ascending ids fill the pages of the database's indexes better.
  for (let at = runs.length - 1; at >= 0; at--) {
    const run = runs[at]!;
    if (known.has(run.id)) continue;
    const pairs = pairsOf(run, names);
    runText += runLine(run, sourceId, names.dag(run.dag_id), pairs.length > 0);
    for (const [key, value] of pairs) keyText += line([key, value, momentOf(run), sourceId, run.id]);
  }
  await copy(client, `copy run (${RUN_COLUMNS}) from stdin`, runText);
  await copy(client, `copy run_key (${RUN_KEY_COLUMNS}) from stdin`, keyText);
}

/** When the run was requested. */
function momentOf(run: IndexedRun): number {
  return run.queued_us ?? run.start_us ?? run.logical_us ?? 0;
}

function pairsOf({ keys }: IndexedRun, names: Names): [number, string][] {
  const pairs: [number, string][] = [];
  for (const key in keys) for (const value of keys[key]!) pairs.push([names.key(key), value]);
  return pairs;
}

/** In the order of RUN_COLUMNS. */
function runLine(run: IndexedRun, sourceId: number, dag: number, hasKeys: boolean): string {
  return line([
    sourceId,
    run.id,
    dag,
    run.clear_number,
    momentOf(run),
    run.logical_us,
    run.queued_us,
    run.start_us,
    run.end_us,
    run.counted_us,
    run.tasks_total,
    run.slowest_us,
    run.run_type,
    run.state,
    run.run_id,
    hasKeys ? JSON.stringify(run.keys) : null,
  ]);
}

type Field = string | number | null;

const SPECIAL = /[\\\t\n\r]/;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One row in the text format of COPY. */
export function line(fields: readonly Field[]): string {
  let text = '';
  for (const field of fields) {
    text += text === '' ? '' : '\t';
    if (field === null) text += '\\N';
    else if (typeof field === 'string' && SPECIAL.test(field)) text += escape(field);
    else text += field;
  }
  return `${text}\n`;
}

function escape(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => ESCAPED[character]!);
}

async function copy(client: pg.PoolClient, statement: string, text: string): Promise<void> {
  if (text === '') return;
  const stream = client.query(copyFrom(statement));
  stream.end(text);
  await finished(stream);
}
