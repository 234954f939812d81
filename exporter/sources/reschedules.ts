import { EXECUTED_TASK_STATES } from '../../shared/states.ts';
import { us } from './dialect.ts';
import { rowsOf, type Client } from './query.ts';
import type { Micros, PastTaskRow, TaskRow } from './rows.ts';

/** What task_reschedule says of a task instance of Airflow 3, as SQL. */
interface Reschedules {
  /** The column `rescheduled` of `task_instance t`. */
  rescheduled: string;
  /** When the next poke of `task_instance t` is due. */
  nextPoke: string;
  /** Adds both afterwards, for many task instances ($1 their ids); null if the above is complete. */
  query: string | null;
}

/**
 * Airflow 3.0 and 3.1 have no index with which the rows of one task instance are found in task_reschedule, so a lookup for each
 * task instance would read the whole table each time. There, one query reads it once for all of them.
 */
export function reschedulesOf(areIndexed: boolean): Reschedules {
  if (!areIndexed) {
    return {
      rescheduled: 'false as rescheduled, t.id::text as instance',
      nextPoke: 'null::bigint',
      query: `select s.ti_id::text as instance, ${us('(array_agg(s.reschedule_date order by s.id desc))[1]')} as next_us
        from task_reschedule s where s.ti_id = any($1::uuid[]) group by s.ti_id`,
    };
  }
  return {
    rescheduled: `t.state in ('success', 'failed') and exists (select from task_reschedule s where s.ti_id = t.id) as rescheduled`,
    nextPoke: `(select ${us('s.reschedule_date')} from task_reschedule s where s.ti_id = t.id order by s.id desc limit 1)`,
    query: null,
  };
}

/** Finds out whether task_reschedule has that index. Airflow 3.2 has it, and people may have added it. */
export const ARE_RESCHEDULES_INDEXED = `exists (select from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = to_regclass('task_reschedule') and a.attname = 'ti_id' and i.indisvalid and i.indpred is null)`;

/** A row without what task_reschedule says. If `instance` is missing, the row was read for something that does not need it. */
type UnfinishedRow = { instance?: string } & Pick<PastTaskRow, 'state' | 'rescheduled'> &
  Partial<Pick<TaskRow, 'next_try_us'>>;

/** Adds to rows what task_reschedule says about them. */
export async function addReschedules(client: Client, query: string, rows: readonly object[]): Promise<void> {
  const concerned = (rows as readonly UnfinishedRow[]).filter(
    ({ instance, state }) =>
      instance !== undefined && (state === 'up_for_reschedule' || EXECUTED_TASK_STATES.includes(state)),
  );
  if (concerned.length === 0) return;
  const found = await rowsOf<{ instance: string; next_us: Micros | null }>(client, query, [
    concerned.map((row) => row.instance),
  ]);
  const nextOf = new Map(found.map((row) => [row.instance, row.next_us]));
  for (const row of concerned) {
    if (row.state !== 'up_for_reschedule') row.rescheduled = nextOf.has(row.instance!);
    else if ('next_try_us' in row) row.next_try_us = nextOf.get(row.instance!) ?? null;
  }
}
