/** The traceparent (W3C Trace Context) of a row of Airflow 3, which stores a carrier in each run and task instance if it sends traces. */
export function traceparentOf(alias: string): string {
  const carrier = `${alias}.context_carrier`;
  // Airflow serializes the carrier like any dictionary, so its content is one level down.
  return `coalesce(${carrier} ->> 'traceparent', ${carrier} -> '__var' ->> 'traceparent')`;
}

/** Version, trace id, span id and flags, at fixed places. A later version may add fields. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const ID_AT = [3, 35] as const;
const FLAGS_AT = [53, 55] as const;
const SAMPLED = 1;
const NO_ID = '0'.repeat(32);

/**
 * The trace id in a `traceparent`. Null if it is malformed or the trace is not sampled: Airflow 3.2 and later write ids even if they
 * send no traces, and no tracing system knows such ids.
 */
export function traceIdOf(traceparent: string | null): string | null {
  if (traceparent === null || !TRACEPARENT.test(traceparent)) return null;
  const id = traceparent.slice(...ID_AT);
  const isSampled = (parseInt(traceparent.slice(...FLAGS_AT), 16) & SAMPLED) !== 0;
  return isSampled && id !== NO_ID ? id : null;
}
