import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import type { Problem } from '../../shared/api.ts';
import { UserError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { ListenAddress } from '../../platform/settings.ts';
import { rerunTasks, setPaused, triggerDag, unknownRun } from '../control.ts';
import { listDags, listRuns, showRun } from '../store/inspect.ts';

const retryBody = z.strictObject({
  task_id: z.string().nullable().default(null),
  downstream: z.boolean().default(false),
});
const triggerBody = z.strictObject({
  run_id: z.string().min(1).nullable().default(null),
  logical_date: z.iso.datetime({ offset: true }).nullable().default(null),
  conf: z.record(z.string(), z.unknown()).default({}),
});
const pauseBody = z.strictObject({ is_paused: z.boolean() });
const runsQuery = z.object({
  dag_id: z.string().optional(),
  state: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** What the command line does to DAGs and runs, over HTTP: see docs/scheduler.md. Built apart from listening. */
export function createControlApi(pool: pg.Pool, token: string): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.use('/api/v1', requireToken(token), express.json({ limit: '1mb' }), routes(pool));
  app.use((request: Request, response: Response) => {
    sendProblem(response, 404, `there is no ${request.method} ${request.path}`);
  });
  app.use(onError);
  return app;
}

function routes(pool: pg.Pool): express.Router {
  const router = express.Router();
  router.get('/dags', async (_request, response) => void response.json({ items: await listDags(pool, false) }));
  router.patch('/dags/:dagId', async (request, response) => {
    const { is_paused: isPaused } = pauseBody.parse(request.body ?? {});
    await setPaused(pool, request.params.dagId, isPaused);
    response.json({ dag_id: request.params.dagId, is_paused: isPaused });
  });
  router.get('/runs', async (request, response) => {
    const query = runsQuery.parse(request.query);
    const filter = { dagId: query.dag_id ?? null, state: query.state ?? null, limit: query.limit };
    response.json({ items: await listRuns(pool, filter) });
  });
  router.post('/runs/:dagId', async (request, response) => {
    const body = triggerBody.parse(request.body ?? {});
    const { dagId } = request.params;
    const logicalDate = body.logical_date === null ? null : new Date(body.logical_date);
    const made = await triggerDag(pool, {
      dagId,
      runId: body.run_id,
      logicalDate,
      conf: body.conf,
      triggeredBy: 'api',
    });
    response.status(201).json({ dag_id: dagId, ...made });
  });
  router.get('/runs/:dagId/:runId', async (request, response) => {
    const { dagId, runId } = request.params;
    const run = await showRun(pool, dagId, runId);
    if (!run) throw await unknownRun(pool, dagId, runId);
    response.json(run);
  });
  router.post('/runs/:dagId/:runId/retry', async (request, response) => {
    const { task_id: taskId, downstream } = retryBody.parse(request.body ?? {});
    const { dagId, runId } = request.params;
    const taskIds = await rerunTasks(pool, dagId, runId, { taskId, downstream });
    response.json({ dag_id: dagId, run_id: runId, task_ids: taskIds });
  });
  return router;
}

function requireToken(token: string) {
  const expected = Buffer.from(`Bearer ${token}`);
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return next();
    response.setHeader('WWW-Authenticate', 'Bearer');
    sendProblem(response, 401, 'send the token of RUNBEAT_API_TOKEN as "Authorization: Bearer …"');
  };
}

/** One place where errors become answers; what is not the caller's fault tells nothing of the inside. */
function onError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  if (error instanceof UserError)
    return sendProblem(response, 409, [error.message, error.advice].filter(Boolean).join('. '));
  if (error instanceof z.ZodError) {
    const errors = error.issues.map((issue) => ({ parameter: issue.path.join('.') || 'body', message: issue.message }));
    return sendProblem(response, 400, 'the request has wrong parameters', errors);
  }
  const status = (error as { status?: number }).status;
  if (status && status < 500) return sendProblem(response, status, (error as Error).message);
  sendProblem(response, 503, 'the scheduler could not do that at the moment; its log says why');
}

const TITLES: Record<number, string> = { 400: 'Bad request', 401: 'Unauthorized', 404: 'Not found', 409: 'Conflict' };

function sendProblem(response: Response, status: number, detail: string, errors?: Problem['errors']): void {
  const problem: Problem = { type: 'about:blank', title: TITLES[status] ?? 'Unavailable', status, detail, errors };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Listens; rejects when the address is taken. */
export function listen(app: express.Express, address: ListenAddress, logger: Logger): Promise<Server> {
  const server = createServer(app);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      logger.info({ ...address }, 'control API listens');
      resolve(server);
    });
  });
}
