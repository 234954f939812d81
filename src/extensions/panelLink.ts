import type { DataQuery } from '@grafana/data';
import { DATASOURCE_ID, PAGES, runPageUrl } from '../../shared/grafana.ts';

/** The parts of a panel that a link is made of; the texts of `targets` have their variables filled in. */
export interface PanelFacts {
  targets: readonly DataQuery[];
  from: string;
  to: string;
  dashboardTags: readonly string[];
}

export interface AppLink {
  title: string;
  path: string;
}

interface RunsTarget extends DataQuery {
  key?: string;
  values?: string;
  source?: string;
  dag_id?: string;
  run_id?: string;
}

const TAG = 'runbeat';

/** Where a dashboard panel leads to in the app; undefined where nothing there would say more than the panel. */
export function panelLink({ targets, from, to, dashboardTags }: PanelFacts): AppLink | undefined {
  const range = { from, to };
  const target = targets.find(isOurs);
  if (!target) {
    return dashboardTags.includes(TAG) ? { title: 'Scheduler health', path: urlOf(PAGES.health, range) } : undefined;
  }
  const { source, dag_id, run_id, key, values } = target;
  if (source && dag_id && run_id) {
    return {
      title: 'Open this run',
      path: `${runPageUrl({ source, dag_id, run_id }, 'gantt')}&${new URLSearchParams(range)}`,
    };
  }
  if (key && values)
    return { title: 'Look these ids up', path: `${lookupUrl(key, values)}&${new URLSearchParams(range)}` };
  if (dag_id) return { title: `Flow ${dag_id}`, path: urlOf(PAGES.flows, { dag_id, ...range }) };
  return { title: 'Scheduler health', path: urlOf(PAGES.health, range) };
}

/** Alert rules and instances: what their labels name, else the scheduler's health. */
export function alertLink(labels: Readonly<Record<string, string>>): AppLink | undefined {
  const name = labels.alertname ?? '';
  if (!name.startsWith('Runbeat') && labels.source === undefined && labels.dag_id === undefined) return undefined;
  if (labels.dag_id) return { title: `Flow ${labels.dag_id}`, path: urlOf(PAGES.flows, { dag_id: labels.dag_id }) };
  return { title: 'Scheduler health', path: PAGES.health };
}

function isOurs(target: DataQuery): target is RunsTarget {
  return target.datasource?.type === DATASOURCE_ID;
}

function lookupUrl(key: string, values: string): string {
  const params = new URLSearchParams({ key });
  for (const value of values.split(/[\n,]/).map((part) => part.trim())) if (value) params.append('value', value);
  return `${PAGES.lookup}?${params}`;
}

function urlOf(page: string, query: Record<string, string>): string {
  return `${page}?${new URLSearchParams(query)}`;
}
