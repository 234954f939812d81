import { z } from 'zod';
import { API_PATHS } from '../../shared/api.ts';
import type { ApiContext } from './context.ts';
import { cursorOf } from './cursor.ts';
import { health } from './health.ts';
import { journey } from './journeys.ts';
import * as lists from './lists.ts';
import { outages } from './outages.ts';
import * as parameter from './parameters.ts';
import * as promises from './promises.ts';
import { promiseSuggestions } from './suggestions.ts';
import type { Parsed, Shape } from './parameters.ts';
import { runAnswer } from './runDetail.ts';
import { runLog } from './runLog.ts';
import * as schema from './schemas.ts';

/** One GET endpoint: validation, handler and documentation in one place. */
export interface Endpoint {
  /** Placeholders are written as `{name}`, as in OpenAPI. */
  path: string;
  summary: string;
  parts: z.ZodObject;
  query: z.ZodObject;
  response: z.ZodType;
  answer: (context: ApiContext, parts: never, query: never) => unknown;
}

function endpoint<Parts extends Shape, Query extends Shape>(definition: {
  path: string;
  summary: string;
  parts?: Parts;
  query?: Query;
  response: z.ZodType;
  answer: (context: ApiContext, parts: Parsed<Parts>, query: Parsed<Query>) => unknown;
}): Endpoint {
  // Created once: zod compiles a schema at its first use, which takes several times as long as a validation.
  const { parts = {}, query = {}, ...rest } = definition;
  return { ...rest, parts: z.object(parts), query: z.object(query) };
}

const range = { from: parameter.moment.optional(), to: parameter.moment.optional() };
const limit = parameter.limit.optional();
const promiseOf = {
  promise: parameter.name.optional(),
  source: parameter.name.optional(),
  dag_id: parameter.name.optional(),
};
const runParts = { source: parameter.name, dag_id: parameter.name, run_id: parameter.name };
/** Parts of cursors, within the bounds of the index's columns: clients can forge a cursor like any other parameter. */
const moment = z.int();
const sourceId = z.int().min(0);
const runId = z.int();
const mapIndex = z
  .int()
  .min(-1)
  .max(2 ** 31 - 1);
const position = z.tuple([moment, sourceId, runId]);
const stepPosition = z.tuple([z.int().min(0).max(1), moment, sourceId, runId]);

export const ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    path: API_PATHS.lookup,
    summary: 'Runs for one or more values of a business key, newest first, over all sources.',
    query: {
      key: parameter.name,
      value: parameter.values,
      dag_id: parameter.name.optional(),
      ...range,
      limit,
      cursor: cursorOf(z.tuple([moment, sourceId, runId, parameter.value])).optional(),
    },
    response: schema.pageOf(schema.lookupItem),
    answer: (context, _parts, query) => lists.lookup(context, query),
  }),
  endpoint({
    path: API_PATHS.journeys,
    summary:
      'Runs of one value of a business key over all DAGs and sources, in the order in which they started, with their parents, the gaps between them and the latency from the first to the last.',
    query: { key: parameter.name, value: parameter.value, limit, cursor: cursorOf(stepPosition).optional() },
    response: schema.journeyPage,
    answer: (context, _parts, query) => journey(context, query),
  }),
  endpoint({
    path: API_PATHS.runs,
    summary: 'Runs, newest first. from and to refer to when a run was queued, or started if it was never queued.',
    query: {
      source: parameter.name.optional(),
      dag_id: parameter.name.optional(),
      state: parameter.state.optional(),
      ...range,
      limit,
      cursor: cursorOf(position).optional(),
    },
    response: schema.pageOf(schema.runSummary),
    answer: (context, _parts, query) => lists.runs(context, query),
  }),
  endpoint({
    path: API_PATHS.run,
    summary: 'One run: its tasks, edges, transitions and critical path.',
    parts: runParts,
    response: schema.runDetail,
    answer: (context, parts) => runAnswer(context, parts),
  }),
  endpoint({
    path: API_PATHS.runLog,
    summary: "Logs of a run's tries, optionally of one task or try, for the bundled scheduler.",
    parts: runParts,
    query: {
      task_id: parameter.name.optional(),
      map_index: parameter.mapIndex.optional(),
      try_number: parameter.tryNumber.optional(),
      limit,
      cursor: cursorOf(z.tuple([parameter.name, mapIndex, mapIndex])).optional(),
    },
    response: schema.pageOf(schema.attemptLog),
    answer: (context, parts, query) => runLog(context, parts, query),
  }),
  endpoint({
    path: API_PATHS.dags,
    summary: 'DAGs by name, with their active runs and the newest run.',
    query: { limit, cursor: cursorOf(z.tuple([z.string(), z.string()])).optional() },
    response: schema.pageOf(schema.dagSummary),
    answer: (context, _parts, query) => lists.dags(context, query),
  }),
  endpoint({
    path: API_PATHS.keys,
    summary: 'Business keys, and their values in the newest runs of the range.',
    query: { key: parameter.name.optional(), ...range, limit },
    response: schema.pageOf(schema.businessKey),
    answer: (context, _parts, query) => lists.keys(context, query),
  }),
  endpoint({
    path: API_PATHS.schedulers,
    summary: 'Schedulers that are alive or died recently.',
    response: schema.pageOf(schema.schedulerStatus),
    answer: (context) => lists.schedulers(context),
  }),
  endpoint({
    path: API_PATHS.sources,
    summary: 'Observed databases and the status of reading them.',
    response: schema.pageOf(schema.sourceStatus),
    answer: (context) => lists.sources(context),
  }),
  endpoint({
    path: API_PATHS.health,
    summary:
      'Schedulers, triggerers and DAG processors, import errors, DAGs that are not parsed, and deferred tasks without a triggerer.',
    response: schema.pageOf(schema.sourceHealth),
    answer: (context) => health(context),
  }),
  endpoint({
    path: API_PATHS.outages,
    summary: 'Intervals with no live scheduler that touch the range, newest first, with the runs that they delayed.',
    query: {
      source: parameter.name.optional(),
      ...range,
      limit,
      cursor: cursorOf(z.tuple([moment, sourceId])).optional(),
    },
    response: schema.pageOf(schema.outage),
    answer: (context, _parts, query) => outages(context, query),
  }),
  endpoint({
    path: API_PATHS.transitions,
    summary: 'The slowest transitions in runs of the range.',
    query: { source: parameter.name.optional(), dag_id: parameter.name.optional(), ...range, limit },
    response: schema.pageOf(schema.transition),
    answer: (context, _parts, query) => lists.transitions(context, query),
  }),
  endpoint({
    path: API_PATHS.promises,
    summary:
      'Promises for DAGs with limit, share, remaining allowance, state and history, and the result of reading runbeat.yaml.',
    query: {
      ...promiseOf,
      owner: parameter.name.optional(),
      tag: parameter.name.optional(),
      limit,
      cursor: cursorOf(z.tuple([z.string(), z.string(), z.string()])).optional(),
    },
    response: schema.promisePage,
    answer: (context, _parts, query) => promises.promises(context, query),
  }),
  endpoint({
    path: API_PATHS.promiseSuggestions,
    summary: 'Limits that are defined in Airflow (dagrun_timeout, deadlines), as suggestions for promises.',
    query: { source: parameter.name.optional() },
    response: schema.pageOf(schema.promiseSuggestion),
    answer: (context, _parts, query) => promiseSuggestions(context, query),
  }),
  endpoint({
    path: API_PATHS.promiseBreaks,
    summary: 'Broken promises, newest first, with the run that broke each. key and value select those of one journey.',
    query: {
      ...promiseOf,
      key: parameter.name.optional(),
      value: parameter.value.optional(),
      ...range,
      limit,
      cursor: cursorOf(z.tuple([moment, z.int()])).optional(),
    },
    response: schema.pageOf(schema.promiseBreak),
    answer: (context, _parts, query) => promises.promiseBreaks(context, query),
  }),
];
