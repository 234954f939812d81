/**
 * Reads a member of the context of an extension point. Grafana hands contexts over behind a read-only proxy that wraps
 * every object it returns. For a member of a frozen object, which most of what an alert page knows is, that breaks an
 * invariant of proxies, and an ordinary read (spread and JSON too) throws. A property's descriptor is handed over as it is.
 */
export function memberOf<Of extends object, Name extends keyof Of>(of: Of, name: Name): Of[Name] {
  const own = Object.getOwnPropertyDescriptor(of, name);
  return own && 'value' in own ? (own.value as Of[Name]) : of[name];
}
