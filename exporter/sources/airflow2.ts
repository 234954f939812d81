import { us, type Dialect } from './dialect.ts';
import { collectKeys, valuesAt } from './keys.ts';
import { decodePickle, PickleError } from './pickle.ts';
import { parseAirflowStructure } from './serializedDag.ts';

/** What an Airflow 2 database may or may not have, by its minor version. */
export interface Airflow2Features {
  /** dag_run.clear_number, since 2.8. */
  clearNumber: boolean;
  /** task_instance_history, since 2.10. */
  history: boolean;
}

/** A conf of this size is no set of business keys; it is refused unread. */
const MAX_PICKLE_BYTES = 64 * 1024;

/**
 * Airflow 2.7 to 2.11. conf is a pickle, decoded here; there is no stamp of when the scheduler noticed a task; only the
 * newest structure of a DAG is kept, so it is trusted for a run only where dag_run.dag_hash says that it is the same.
 */
export function airflow2Dialect(version: string, features: Airflow2Features): Dialect {
  return {
    kind: 'airflow2',
    version,
    runTable: 'dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, ${features.clearNumber ? 'r.clear_number' : '0 as clear_number'},
      ${us('r.execution_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.data_interval_end')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, r.dag_hash as version`,
    keyColumns: (rules) =>
      rules.some((rule) => rule.from === 'conf')
        ? `, case when octet_length(r.conf) <= ${MAX_PICKLE_BYTES} then r.conf end as pickle, octet_length(r.conf) as pickle_size`
        : '',
    keysOf: (row, rules) => {
      const { conf, refused } = unpickle(row.pickle as Buffer | null, Number(row.pickle_size ?? 0));
      return collectKeys(rules, row.run_id as string, (rule) => valuesAt(conf, rule.path), refused);
    },
    confColumn: `case when octet_length(r.conf) > ${MAX_PICKLE_BYTES} then '\\x'::bytea else r.conf end`,
    parseConf: (raw) => {
      const pickle = raw as Buffer | null;
      const { conf, refused } = unpickle(pickle, pickle?.length === 0 ? MAX_PICKLE_BYTES + 1 : 0);
      return { conf, note: refused && `Its conf could not be read (${refused}).` };
    },
    taskSource: 'task_instance t on t.dag_id = w.dag_id and t.run_id = w.run_id',
    stateColumns: `t.task_id, t.map_index, t.state, null::bigint as scheduled_us, ${us('t.queued_dttm')} as queued_us,
      ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us, ${us('t.updated_at')} as updated_us`,
    furtherColumns: `coalesce(t.try_number, 0) as try_number, coalesce(t.max_tries, 0) as max_tries,
      null::bigint as next_try_us,
      t.state in ('success', 'failed') and exists (select from task_reschedule s where s.dag_id = t.dag_id
        and s.task_id = t.task_id and s.run_id = t.run_id and s.map_index = t.map_index) as rescheduled,
      t.operator, t.pool, t.pool_slots, t.queue, t.hostname, null as version`,
    attemptsQuery: features.history
      ? `select h.task_id, h.map_index, h.try_number, h.state, null::bigint as scheduled_us,
          ${us('h.queued_dttm')} as queued_us, ${us('h.start_date')} as start_us, ${us('h.end_date')} as end_us, h.hostname
        from task_instance_history h where $1::bigint is not null and h.dag_id = $2 and h.run_id = $3
            and h.task_id in (select t.task_id from task_instance t where t.dag_id = $2 and t.run_id = $3)
        order by h.task_id, h.map_index, h.try_number`
      : null,
    schedulersQuery: airflowSchedulersQuery,
    dagsQuery: `select d.dag_id, coalesce(d.is_paused, false) as is_paused, d.max_active_tasks,
        coalesce(d.max_active_runs, 16) as max_active_runs, ${us('d.next_dagrun_create_after')} as next_run_us
      from dag d where d.is_active`,
    poolsQuery: 'select p.pool, p.slots from slot_pool p',
    structuresQuery: `select s.dag_id, s.dag_hash as version, s.data, s.data_compressed from serialized_dag s
      where s.dag_id = any($1::text[]) and $2::text[] is not null`,
    parseStructure: parseAirflowStructure,
    logQuery: null,
  };
}

export const airflowSchedulersQuery = `select j.id as job_id, j.hostname, null as lane, coalesce(j.state, 'unknown') as state,
    ${us('j.start_date')} as start_us, ${us('j.latest_heartbeat')} as heartbeat_us, ${us('j.end_date')} as end_us,
    null::bigint as skew_us
  from job j where j.job_type = 'SchedulerJob' and j.latest_heartbeat is not null
  order by j.latest_heartbeat desc limit 100`;

function unpickle(pickle: Buffer | null, size: number): { conf: unknown; refused: string | null } {
  if (size > MAX_PICKLE_BYTES) return { conf: null, refused: 'too_large' };
  if (!pickle) return { conf: null, refused: null };
  try {
    return { conf: decodePickle(pickle), refused: null };
  } catch (error) {
    if (error instanceof PickleError) return { conf: null, refused: error.reason };
    throw error;
  }
}
