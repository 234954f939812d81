import { locationUtil } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { epochOf } from '../data/upstreamEnds.ts';
import { exploreUrl } from './exploreUrl.ts';
import { fillTemplate, templateProblem } from './template.ts';

interface Explored<Placeholder extends string> {
  /** uid of the data source; empty for none. */
  uid: string;
  template: string;
  values: Record<Placeholder, string | number | null>;
  start_date: string | null;
  end_date: string | null;
}

export interface ExploreLink {
  href: string;
  /** Name of the data source. */
  name: string;
}

/** Link to a data source in Explore; null if none is configured, or its query can't be used. */
export function exploreLink<Placeholder extends string>(explored: Explored<Placeholder>): ExploreLink | null {
  const { uid, template, values, start_date, end_date } = explored;
  const source = uid ? getDataSourceSrv().getInstanceSettings(uid) : undefined;
  if (!source || template.trim() === '' || templateProblem(template, Object.keys(values))) return null;
  const url = exploreUrl(source, fillTemplate(template, values), epochOf(start_date), epochOf(end_date));
  return { href: locationUtil.assureBaseUrl(url), name: source.name };
}
