/**
 * The exporter's HTTP API: paths and the shapes that it answers with. The exporter's schemas are checked against these
 * types by the compiler; the plugin reads nothing else. Times are RFC 3339 strings in UTC with microseconds where the
 * source has them; durations are seconds; a page is `items` and an opaque `next_cursor` (null on the last page).
 */
export * from './api/health.ts';
export * from './api/page.ts';
export * from './api/paths.ts';
export * from './api/promises.ts';
export * from './api/runDetail.ts';
export * from './api/runs.ts';
export * from './api/waiting.ts';
