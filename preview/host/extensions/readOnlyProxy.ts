import { dateTime, isDateTime } from '@grafana/data';

/**
 * The read-only view of a context that Grafana passes to extensions: writes fail, and objects that are read are wrapped in the same way.
 * As in Grafana, wrapping violates the invariant of proxies for members of frozen objects, so reading these throws.
 */
export function readOnlyProxy<Target extends object>(target: Target): Target {
  const wrapped = new WeakMap<object, object>();
  return new Proxy(target, {
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    isExtensible: () => false,
    get(from, name, receiver) {
      const value: unknown = Reflect.get(from, name, receiver);
      if (isDateTime(value)) return dateTime(value);
      if (typeof value !== 'object' || value === null) return value;
      if (!wrapped.has(value)) wrapped.set(value, readOnlyProxy(value));
      return wrapped.get(value);
    },
  });
}

/** Deeply freezes plain objects and lists, as Grafana's stores do. */
export function deepFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}
