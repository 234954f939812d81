import express, { type Request, type Response } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import { requireToken, type Access } from '../../platform/http/access.ts';
import { createHttpApp } from '../../platform/http/app.ts';
import { InvalidError } from '../../platform/errors.ts';
import { parseJson, stringifyJson } from '../../platform/json.ts';
import type { Logger } from '../../platform/log.ts';
import { DAG_RUN_STATES } from '../../shared/states.ts';
import { rerunTasks, setPaused, triggerDag, unknownRun } from '../control.ts';
import { anyText, conf, count, flag, runId, time } from '../core/fields.ts';
import { listDags, listImportErrors, listRuns, showRun } from '../store/inspect.ts';

/** Ids that may be in the database, including those that today's rules would refuse. */
const anyId = anyText(4_000);
const dagPath = z.object({ dag_id: anyId });
const runPath = z.object({ dag_id: anyId, run_id: anyId });
const retryBody = z.strictObject({ task_id: anyId.nullable().default(null), downstream: flag.default(false) });
const triggerBody = z.strictObject({
  run_id: runId.nullable().default(null),
  logical_date: time.nullable().default(null),
  conf: conf.default({}),
});
const pauseBody = z.strictObject({ is_paused: flag });
const runsQuery = z.strictObject({
  dag_id: anyId.optional(),
  state: z.enum(DAG_RUN_STATES, { message: `must be one of ${DAG_RUN_STATES.join(', ')}` }).optional(),
  limit: z.coerce.number({ message: 'must be a whole number' }).pipe(count(1, 1_000)).default(100),
});
const LARGEST_BODY = '2mb';

export interface ControlApiOptions {
  pool: pg.Pool;
  access: Access;
  /** Address that the API will listen on. */
  listenHost: string;
  /** Host names that are accepted on loopback in addition to its own. */
  allowedHosts?: readonly string[];
  logger: Logger;
}

/** Builds the control API, which offers the same as the command line over HTTP (docs/scheduler.md). The caller listens. */
export function createControlApi({
  pool,
  access,
  listenHost,
  allowedHosts,
  logger,
}: ControlApiOptions): express.Express {
  return createHttpApp({ listenHost, allowedHosts, logger }, (app) => {
    app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
    app.use('/api/v1', requireToken(access), express.raw({ type: () => true, limit: LARGEST_BODY }), routes(pool));
  });
}

function routes(pool: pg.Pool): express.Router {
  const router = express.Router();
  router.get('/dags', async (_request, response) => {
    const [items, importErrors] = [await listDags(pool, false), await listImportErrors(pool)];
    sendJson(response, 200, { items, import_errors: importErrors });
  });
  router.patch('/dags/:dag_id', async (request, response) => {
    const { dag_id: dagId } = dagPath.parse(request.params);
    const { is_paused: isPaused } = pauseBody.parse(bodyOf(request));
    await setPaused(pool, dagId, isPaused);
    sendJson(response, 200, { dag_id: dagId, is_paused: isPaused });
  });
  router.get('/runs', async (request, response) => {
    const query = runsQuery.parse(request.query);
    const filter = { dagId: query.dag_id ?? null, state: query.state ?? null, limit: query.limit };
    sendJson(response, 200, { items: await listRuns(pool, filter) });
  });
  router.post('/runs/:dag_id', async (request, response) => {
    const { dag_id: dagId } = dagPath.parse(request.params);
    const body = triggerBody.parse(bodyOf(request));
    const logicalDate = body.logical_date === null ? null : new Date(body.logical_date);
    const asked = { dagId, runId: body.run_id, logicalDate, conf: body.conf, triggeredBy: 'api' };
    sendJson(response, 201, { dag_id: dagId, ...(await triggerDag(pool, asked)) });
  });
  router.get('/runs/:dag_id/:run_id', async (request, response) => {
    const { dag_id: dagId, run_id: id } = runPath.parse(request.params);
    const run = await showRun(pool, dagId, id);
    if (!run) throw await unknownRun(pool, dagId, id);
    sendJson(response, 200, run);
  });
  router.post('/runs/:dag_id/:run_id/retry', async (request, response) => {
    const { dag_id: dagId, run_id: id } = runPath.parse(request.params);
    const { task_id: taskId, downstream } = retryBody.parse(bodyOf(request));
    const taskIds = await rerunTasks(pool, dagId, id, { taskId, downstream });
    sendJson(response, 200, { dag_id: dagId, run_id: id, task_ids: taskIds });
  });
  return router;
}

/** The body as JSON, whatever its content type; a missing body is an empty object. */
function bodyOf(request: Request): unknown {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return {};
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch (error) {
    throw new InvalidError('body', `is not valid JSON: ${(error as Error).message}`);
  }
}

/** Sends JSON with all digits of the numbers in a conf. */
function sendJson(response: Response, status: number, body: unknown): void {
  response.status(status).type('application/json').send(stringifyJson(body));
}
