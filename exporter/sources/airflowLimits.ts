/** A limit for the runs of a DAG that is defined in Airflow. */
export interface KnownLimit {
  dag_id: string;
  origin: 'dagrun_timeout' | 'deadline';
  seconds: number;
}

export interface LimitRow {
  dag_id: string;
  timeout: unknown;
  deadline: unknown;
}

/**
 * Limits in the newest structure of each DAG, except for compressed structures. Since Airflow 3.2, the structure contains only the
 * ids of its deadlines, which are in their own table.
 */
export function airflowLimitsQuery(deadlineAlerts: boolean): string {
  const inTable = `(select jsonb_agg(jsonb_build_object('interval', a.interval, 'reference', a.reference)) from deadline_alert a
      where a.serialized_dag_id = s.id)`;
  const deadline = `(s.data -> 'dag' -> 'deadline')::jsonb`;
  return `select distinct on (s.dag_id) s.dag_id, s.data -> 'dag' -> 'dagrun_timeout' as timeout,
      ${deadlineAlerts ? `coalesce(${inTable}, ${deadline})` : deadline} as deadline
    from serialized_dag s where s.data is not null order by s.dag_id, s.last_updated desc`;
}

/** Depending on the release, a duration is a number of seconds or `{"__type": "timedelta", "__var": 300.0}`. */
export function limitsOf({ dag_id, timeout, deadline }: LimitRow): KnownLimit[] {
  const found: KnownLimit[] = [];
  const seconds = secondsOf(timeout);
  if (seconds !== null) found.push({ dag_id, origin: 'dagrun_timeout', seconds });
  const intervals = intervalsOf(deadline);
  if (intervals.length > 0) found.push({ dag_id, origin: 'deadline', seconds: Math.min(...intervals) });
  return found;
}

function secondsOf(value: unknown): number | null {
  const plain = typeof value === 'object' && value !== null ? (value as { __var?: unknown }).__var : value;
  return typeof plain === 'number' && plain > 0 ? plain : null;
}

/** Other deadlines count from a date or an average, not from the run. */
const FROM_RUN = 'DagRunQueuedAtDeadline';

/** `interval` of each deadline that counts from the run, at whatever depth the release stores it. */
function intervalsOf(value: unknown, depth = 0): number[] {
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  const { interval, reference } = value as { interval?: unknown; reference?: unknown };
  const seconds = secondsOf(interval);
  if (seconds !== null) return JSON.stringify(reference ?? null).includes(`"${FROM_RUN}"`) ? [seconds] : [];
  return Object.values(value).flatMap((inner) => intervalsOf(inner, depth + 1));
}
