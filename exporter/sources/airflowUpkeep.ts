import { NOW_US, us } from './dialect.ts';

const COMPONENTS = { triggerer: 'TriggererJob', dag_processor: 'DagProcessorJob' } as const;

const newestOf = (component: keyof typeof COMPONENTS): string =>
  `(select '${component}' as component, j.id as job_id, j.hostname, null as lane, coalesce(j.state, 'unknown') as state,
      ${us('j.start_date')} as start_us, ${us('j.latest_heartbeat')} as heartbeat_us, ${us('j.end_date')} as end_us,
      null::bigint as skew_us, ${NOW_US} as read_us
    from job j where j.job_type = '${COMPONENTS[component]}' and j.latest_heartbeat is not null
    order by j.latest_heartbeat desc limit 100)`;

/** Through Airflow's index on (job_type, latest_heartbeat). */
export const componentsQuery = `${newestOf('triggerer')} union all ${newestOf('dag_processor')}`;

export const importErrorsQuery = `select e.filename as file, ${us('e.timestamp')} as since_us,
    nullif(substring(rtrim(e.stacktrace, E' \\n\\r') from '[^\n]*$'), '') as error, count(*) over ()::int as total
  from import_error e order by e.timestamp, e.id`;

export function unparsedQuery(condition: string): string {
  return `select d.dag_id, ${us('d.last_parsed_time')} as parsed_us, count(*) over ()::int as total
    from dag d where ${condition} and d.last_parsed_time < clock_timestamp() - make_interval(secs => $1)
    order by d.last_parsed_time, d.dag_id`;
}

/** A triggerer takes a moment to pick up a trigger, so triggers that were just created are ignored. */
const GRACE_SECONDS = 10;

/** Through Airflow's index on the state of task instances. */
export function unservedQuery(current: string): string {
  return `select count(*)::int as count from task_instance t left join trigger g on g.id = t.trigger_id
      left join job j on j.id = g.triggerer_id and j.state = 'running'
        and j.latest_heartbeat > clock_timestamp() - make_interval(secs => $1)
    where t.state = 'deferred' ${current} and j.id is null
      and t.updated_at < clock_timestamp() - make_interval(secs => ${GRACE_SECONDS})`;
}
