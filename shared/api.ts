/**
 * The exporter's HTTP API: paths and types of the responses. The compiler checks the exporter's schemas against these types, and the
 * plugin uses only them. Times are RFC 3339 strings in UTC, with microseconds if the source has them. Durations are seconds. A page
 * consists of `items` and an opaque `next_cursor` (null on the last page).
 */
export * from './api/health.ts';
export * from './api/page.ts';
export * from './api/paths.ts';
export * from './api/promises.ts';
export * from './api/runDetail.ts';
export * from './api/runs.ts';
export * from './api/waiting.ts';
