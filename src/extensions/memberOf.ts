/**
 * Reads a member of the context of an extension point. Grafana passes contexts through a read-only proxy, which wraps every object that
 * it returns. For members of frozen objects, such as most objects of alert pages, that violates an invariant of proxies, so ordinary
 * reads (including spread and JSON) throw. Property descriptors are passed unchanged.
 */
export function memberOf<Of extends object, Name extends keyof Of>(of: Of, name: Name): Of[Name] {
  const own = Object.getOwnPropertyDescriptor(of, name);
  return own && 'value' in own ? (own.value as Of[Name]) : of[name];
}
