import { getTimeZone, type TimeZone } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';

/** The time zone in the URL (`timezone`, as on dashboards), otherwise the one in the user's preferences. */
export function userTimeZone(): TimeZone {
  const named = new URLSearchParams(locationService.getLocation().search).get('timezone');
  return getTimeZone({ timeZone: isZone(named) ? named : config.bootData.user.timezone });
}

function isZone(name: string | null): name is string {
  if (!name) return false;
  if (name === 'browser' || name === 'utc') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
