import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/** Parameters that Grafana's links carry from page to page. */
const RANGE_PARAMS = ['from', 'to', 'timezone'];

/** Adds the time range and time zone of the present page to a link to one of the app's pages. Parameters of the link take precedence. */
export function keepRange(url: string, search = locationService.getLocation().search): string {
  const at = url.indexOf('?');
  const own = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const kept = new URLSearchParams(rangeOf(search).filter(([name]) => !own.has(name))).toString();
  if (kept === '') return url;
  const joint = at < 0 ? '?' : at === url.length - 1 ? '' : '&';
  return `${url}${joint}${kept}`;
}

/** The same as the `href` of a plain link, including Grafana's sub path. */
export function appHref(url: string): string {
  const kept = keepRange(url);
  const at = kept.indexOf('?');
  return at < 0 ? pathOf(kept) : pathOf(kept.slice(0, at)) + kept.slice(at);
}

// A table has a hundred links that share their page and differ in their query, so both of these are cached.
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
