import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/** What Grafana's own links carry from page to page. */
const RANGE_PARAMS = ['from', 'to', 'timezone'];

/** A link to one of the app's pages with the time range and zone of the present one; what the link itself says wins. */
export function keepRange(url: string, search = locationService.getLocation().search): string {
  const at = url.indexOf('?');
  const own = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const kept = new URLSearchParams(rangeOf(search).filter(([name]) => !own.has(name))).toString();
  if (kept === '') return url;
  const joint = at < 0 ? '?' : at === url.length - 1 ? '' : '&';
  return `${url}${joint}${kept}`;
}

/** The same as the `href` of a plain link, below the path at which Grafana is served. */
export function appHref(url: string): string {
  const kept = keepRange(url);
  const at = kept.indexOf('?');
  return at < 0 ? pathOf(kept) : pathOf(kept.slice(0, at)) + kept.slice(at);
}

// A table has a hundred links, which share their page and differ in their query: both of these are worked out once.
const rangeOf = lastOf((search) => {
  const present = new URLSearchParams(search);
  return RANGE_PARAMS.map((name): [string, string] => [name, present.get(name) ?? '']).filter(([, value]) => value);
});
const pathOf = lastOf((path) => locationUtil.assureBaseUrl(path));

function lastOf<Result>(work: (text: string) => Result): (text: string) => Result {
  let last: { text: string; result: Result } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, result: work(text) };
    return last.result;
  };
}
