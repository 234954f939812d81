import type { AttemptLog, Page } from '../../shared/api.ts';
import { readSource, sourceNamed, type ApiContext } from './context.ts';
import { encodeCursor } from './cursor.ts';
import { ApiError } from './problems.ts';
import { unknownRun, type RunName } from './runDetail.ts';

const LOGS_OF_A_PAGE = 50;
const LOG_CHARACTERS = 4 * 1024 * 1024;

interface LogQuery {
  task_id?: string | undefined;
  map_index?: number | undefined;
  try_number?: number | undefined;
  limit?: number | undefined;
  cursor?: [string, number, number] | undefined;
}

/** Logs of the tries of a run, optionally filtered, if the source keeps them in its database. A page ends before it grows too large. */
export async function runLog(context: ApiContext, name: RunName, query: LogQuery = {}): Promise<Page<AttemptLog>> {
  const source = sourceNamed(context, name.source);
  const limit = query.limit ?? LOGS_OF_A_PAGE;
  const items = await readSource(source, async (reader) => {
    const run = await reader.runByName(name.dag_id, name.run_id);
    if (!run) return 'unknown';
    const after = query.cursor ?? ['', 0, 0];
    return reader.logs(run.id, { after, of: query, limit, characters: LOG_CHARACTERS }) ?? 'elsewhere';
  });
  if (items === 'unknown') throw unknownRun(name);
  if (items === 'elsewhere') {
    const where = 'Airflow keeps task logs outside its database, so Runbeat cannot read them. Open the run in Airflow.';
    throw new ApiError('no_log', where);
  }
  const last = items.at(-1);
  return {
    items: items.map(({ found: _, ...log }) => log),
    next_cursor:
      last && last.found > items.length ? encodeCursor([last.task_id, last.map_index, last.try_number]) : null,
  };
}
