/** Schemas of all API responses. The compiler checks them against shared/api.ts, and OpenAPI is generated from them. */
export * from './schemas/common.ts';
export * from './schemas/health.ts';
export * from './schemas/journeys.ts';
export * from './schemas/promises.ts';
export * from './schemas/runDetail.ts';
export * from './schemas/runs.ts';
