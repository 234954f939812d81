import { getTimeZone, type TimeZone } from '@grafana/data';
import { config } from '@grafana/runtime';

/** The zone that the user chose in Grafana's preferences. */
export function userTimeZone(): TimeZone {
  return getTimeZone({ timeZone: config.bootData.user.timezone });
}
