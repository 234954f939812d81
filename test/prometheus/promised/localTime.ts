/** Local times, only by Intl, because they check the exporter's calendar, which uses Temporal. All times are in seconds. */

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = FORMATS.get(zone);
  if (!found) {
    const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    found = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', second: '2-digit', ...digits });
    FORMATS.set(zone, found);
  }
  return found;
}

/** Local time as seconds since 1970, as if it were UTC. */
export function wallClock(at: number, zone: string): number {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(at * 1000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second) / 1000;
}

export function dateOf(at: number, zone: string): string {
  return new Date(wallClock(at, zone) * 1000).toISOString().slice(0, 10);
}

export function nextDate(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A time that the clocks skip is later by the skipped time. Of a time that occurs twice, the first one counts. */
export function momentOf(date: string, time: string, zone: string): number {
  const wanted = Date.parse(`${date}T${time}:00Z`) / 1000;
  const offsetAt = (at: number): number => wallClock(at, zone) - at;
  const before = wanted - offsetAt(wanted - 100_000);
  const after = wanted - offsetAt(wanted + 100_000);
  const fits = [before, after].filter((at) => wallClock(at, zone) === wanted);
  return fits.length > 0 ? Math.min(...fits) : before;
}
