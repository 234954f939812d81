import { locationService } from '@grafana/runtime';

/** What Grafana's own links carry from page to page. */
const RANGE_PARAMS = ['from', 'to', 'timezone'];

/** A link to one of the app's pages with the time range and zone of the present one; what the link itself says wins. */
export function keepRange(url: string, search = locationService.getLocation().search): string {
  const present = new URLSearchParams(search);
  const at = url.indexOf('?');
  const own = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const kept = new URLSearchParams();
  for (const name of RANGE_PARAMS) {
    const value = present.get(name);
    if (value && !own.has(name)) kept.set(name, value);
  }
  const added = kept.toString();
  if (added === '') return url;
  const joint = at < 0 ? '?' : at === url.length - 1 ? '' : '&';
  return `${url}${joint}${added}`;
}
