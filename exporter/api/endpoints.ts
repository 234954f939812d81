import { z } from 'zod';
import { API_PATHS } from '../../shared/api.ts';
import type { ApiContext } from './context.ts';
import { cursorOf } from './cursor.ts';
import * as lists from './lists.ts';
import * as parameter from './parameters.ts';
import type { Parsed, Shape } from './parameters.ts';
import { runDetail, runLog } from './runDetail.ts';
import * as schema from './schemas.ts';

/** One GET of the API: its checks, its answer and its documentation come from the same place. */
export interface Endpoint {
  /** With `{name}` for parts, as in OpenAPI. */
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
  // Made once: zod compiles an object at its first use, which takes several times as long as a check with it.
  const { parts = {}, query = {}, ...rest } = definition;
  return { ...rest, parts: z.object(parts), query: z.object(query) };
}

const range = { from: parameter.moment.optional(), to: parameter.moment.optional() };
const limit = parameter.limit.optional();
const runParts = { source: parameter.name, dag_id: parameter.name, run_id: parameter.name };
/** Parts of cursors, in the bounds of the index's columns: a cursor is as easily forged as any other parameter. */
const moment = z.int();
const sourceId = z.int().min(0).max(32_767);
const runId = z.int();
const position = z.tuple([moment, sourceId, runId]);

export const ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    path: API_PATHS.lookup,
    summary: 'Runs of one or many values of a business key, newest first, over all sources.',
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
    path: API_PATHS.runs,
    summary: 'Runs, newest first. from and to bound when a run was asked for (queued, else started).',
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
    answer: (context, parts) => runDetail(context, parts),
  }),
  endpoint({
    path: API_PATHS.runLog,
    summary: "Logs of a run's attempts, for the bundled scheduler.",
    parts: runParts,
    response: schema.pageOf(schema.attemptLog),
    answer: (context, parts) => runLog(context, parts),
  }),
  endpoint({
    path: API_PATHS.dags,
    summary: 'DAGs by name, with what is active and the newest run.',
    query: { limit, cursor: cursorOf(z.tuple([z.string(), z.string()])).optional() },
    response: schema.pageOf(schema.dagSummary),
    answer: (context, _parts, query) => lists.dags(context, query),
  }),
  endpoint({
    path: API_PATHS.keys,
    summary: 'Business keys, and values of them in the newest runs of a range.',
    query: { key: parameter.name.optional(), ...range, limit },
    response: schema.pageOf(schema.businessKey),
    answer: (context, _parts, query) => lists.keys(context, query),
  }),
  endpoint({
    path: API_PATHS.schedulers,
    summary: 'Schedulers, alive and recently dead.',
    response: schema.pageOf(schema.schedulerStatus),
    answer: (context) => lists.schedulers(context),
  }),
  endpoint({
    path: API_PATHS.sources,
    summary: 'Observed databases, and how well they can be read.',
    response: schema.pageOf(schema.sourceStatus),
    answer: (context) => lists.sources(context),
  }),
  endpoint({
    path: API_PATHS.outages,
    summary: 'Intervals with no live scheduler that touch the range, newest first, with the runs that they delayed.',
    query: { ...range, limit, cursor: cursorOf(z.tuple([moment, sourceId])).optional() },
    response: schema.pageOf(schema.outage),
    answer: (context, _parts, query) => lists.outages(context, query),
  }),
  endpoint({
    path: API_PATHS.transitions,
    summary: 'The slowest transitions of runs of the range.',
    query: { dag_id: parameter.name.optional(), ...range, limit },
    response: schema.pageOf(schema.transition),
    answer: (context, _parts, query) => lists.transitions(context, query),
  }),
];
