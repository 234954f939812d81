/** Schemas of everything that the API answers, bound to shared/api.ts by the compiler; OpenAPI is made from them. */
export * from './schemas/common.ts';
export * from './schemas/health.ts';
export * from './schemas/journeys.ts';
export * from './schemas/promises.ts';
export * from './schemas/runDetail.ts';
export * from './schemas/runs.ts';
