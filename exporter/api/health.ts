import type { ComponentStatus, Page, SourceHealth } from '../../shared/api.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { SchedulerLife } from '../flow/liveness.ts';
import type { ApiContext } from './context.ts';
import { timestamp } from './time.ts';

/** For each source: which components are alive, and what is broken. */
export function health(context: Pick<ApiContext, 'sources'>): Page<SourceHealth> {
  return { items: context.sources.map(healthOf), next_cursor: null };
}

function healthOf(source: SourceObserver): SourceHealth {
  const { importErrors, deferredUnserved, unparsed } = source.upkeep;
  const kind = source.status().kind;
  const status = (component: ComponentStatus['component']) => (life: SchedulerLife) =>
    componentStatus(component, life, source.sinceSnapshotUs);
  return {
    source: source.name,
    components: [
      ...source.schedulers.map(status('scheduler')),
      ...source.components.map((life) => status(life.component)(life)),
    ],
    import_errors: importErrors && {
      total: importErrors.total,
      items: importErrors.rows.map((row) => ({ file: row.file, since: timestamp(row.since_us), error: row.error })),
    },
    deferred_unserved: deferredUnserved,
    unparsed_dags: unparsed && {
      total: unparsed.total,
      items: unparsed.rows.map((row) => ({ dag_id: row.dag_id, last_parsed: timestamp(row.parsed_us) })),
    },
    notes: notesOn(kind, source.upkeep),
  };
}

function notesOn(kind: string, { importErrors, deferredUnserved }: SourceObserver['upkeep']): string[] {
  if (kind === 'unknown') return [];
  const grants = 'docs/sql/airflow-grants.sql grants it';
  return [
    ...(importErrors ? [] : [`The role may not read import_error, so import errors are not known; ${grants}.`]),
    ...(deferredUnserved === null && kind !== 'runbeat'
      ? [`The role may not read trigger, so whether deferred tasks are served is not known; ${grants}.`]
      : []),
  ];
}

function componentStatus(
  component: ComponentStatus['component'],
  life: SchedulerLife,
  sinceUs: number,
): ComponentStatus {
  return {
    component,
    instance: life.name,
    hostname: life.hostname,
    alive: life.alive,
    state: life.state,
    latest_heartbeat: timestamp(life.heartbeat_us),
    heartbeat_age_seconds: Math.max(0, life.age_us + sinceUs) / 1e6,
  };
}
