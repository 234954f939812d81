/** The trace of one run, or of one of its task instances (`task_id` null: the run itself). */
export interface TraceRow {
  task_id: string | null;
  map_index: number;
  /** In the format of W3C Trace Context. */
  traceparent: string;
}

/** Traces of one run ($1 id, $2 dag_id, $3 run_id) in Airflow 3, which stores a carrier in each row if it sends traces. */
export function tracesQuery(mapIndex: string, current: string): string {
  return `select null as task_id, -1 as map_index, ${traceparent('r')} as traceparent from dag_run r
      where r.id = $1 and ${traceparent('r')} is not null
    union all select t.task_id, ${mapIndex}, ${traceparent('t')} from task_instance t
      where t.dag_id = $2 and t.run_id = $3 ${current} and ${traceparent('t')} is not null`;
}

/** Airflow serializes the carrier like any dictionary, so its content is one level down. */
function traceparent(alias: string): string {
  const carrier = `${alias}.context_carrier`;
  return `coalesce(${carrier} ->> 'traceparent', ${carrier} -> '__var' ->> 'traceparent')`;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})(?:-|$)/;
const SAMPLED = 1;

/**
 * The trace id in a `traceparent`. Null if it is malformed or the trace is not sampled: Airflow 3.2 and later write ids even if they
 * send no traces, and no tracing system knows such ids.
 */
export function traceIdOf(traceparent: string): string | null {
  const [, id = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  return (parseInt(flags, 16) & SAMPLED) === 0 || /^0+$/.test(id) ? null : id;
}
