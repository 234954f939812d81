import { journeyPageUrl, PAGES, runPageUrl } from '../../shared/grafana.ts';
import type { AskedQuery } from '../datasource/interpolate.ts';

/** The properties of a panel that a link depends on. */
export interface PanelFacts {
  /** Queries of our data source, with variables filled in. */
  queries: readonly AskedQuery[];
  from: string;
  to: string;
  dashboardTags: readonly string[];
}

export interface AppLink {
  title: string;
  path: string;
}

const TAG = 'runbeat';
/** Maximum number of ids in a link. With more, proxies would refuse it. */
const MAX_IDS = 100;

/** The link from a dashboard panel into the app; undefined if the app has no page with more information. */
export function panelLink({ queries, from, to, dashboardTags }: PanelFacts): AppLink | undefined {
  const range = { from, to };
  const [query] = queries;
  if (!query) {
    return dashboardTags.includes(TAG) ? { title: 'Scheduler health', path: urlOf(PAGES.health, range) } : undefined;
  }
  const { key, values } = query;
  const [source, dag_id, run_id] = [query.sources, query.dagIds, query.runIds].map(only);
  // Most installations observe only one source and don't name it in queries. The page then finds it.
  if (dag_id && run_id && query.sources.length <= 1) {
    return {
      title: 'Open this run',
      path: `${runPageUrl({ source, dag_id, run_id }, 'gantt')}&${new URLSearchParams(range)}`,
    };
  }
  const value = only(values);
  if (query.queryType === 'journey' && key && value !== undefined) {
    return { title: 'Open this journey', path: `${journeyPageUrl(key, value)}&${new URLSearchParams(range)}` };
  }
  if (key && values.length > 0 && values.length <= MAX_IDS) {
    const ids = new URLSearchParams([['key', key], ...values.map((value) => ['value', value])]);
    return { title: 'Look up these ids', path: `${PAGES.lookup}?${ids}&${new URLSearchParams(range)}` };
  }
  if (dag_id) return { title: `Flow ${dag_id}`, path: urlOf(PAGES.flows, { dag_id, source, ...range }) };
  return { title: 'Scheduler health', path: urlOf(PAGES.health, { source, ...range }) };
}

/** The only name; undefined if there are several. */
function only(names: readonly (string | undefined)[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** The link of an alert: to the DAG or source in its labels, otherwise to the health page. */
export function alertLink(labels: Readonly<Record<string, string>>): AppLink | undefined {
  const name = labels.alertname ?? '';
  if (!name.startsWith('Runbeat') && labels.source === undefined && labels.dag_id === undefined) return undefined;
  const { dag_id, source } = labels;
  if (dag_id) return { title: `Flow ${dag_id}`, path: urlOf(PAGES.flows, { dag_id, source }) };
  return { title: 'Scheduler health', path: urlOf(PAGES.health, { source }) };
}

function urlOf(page: string, query: Record<string, string | undefined>): string {
  const known = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return known.length > 0 ? `${page}?${new URLSearchParams(known)}` : page;
}
