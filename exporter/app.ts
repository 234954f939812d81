import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Logger } from '../platform/log.ts';
import { requireToken } from './api/auth.ts';
import type { ApiContext } from './api/context.ts';
import { ENDPOINTS, type Endpoint } from './api/endpoints.ts';
import { openApi } from './api/openapi.ts';
import { checked, parseQuery } from './api/parameters.ts';
import { ApiError, problemOf } from './api/problems.ts';

export interface AppOptions extends ApiContext {
  /** Body of /metrics, from memory, in pieces. */
  metrics: () => Promise<readonly Buffer[]>;
  apiToken: string | null;
  version: string;
  /** A source whose changes are read later than this is not ready. */
  readyLagSeconds: number;
  logger: Logger;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Builds the exporter's HTTP app; listening is somebody else's business. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    response.set('Allow', 'GET, HEAD');
    throw new ApiError('method_not_allowed', `${request.method} is not known here; the API only answers GET.`);
  });
  app.get('/metrics', async (_request, response) => sendPieces(response, await options.metrics()));
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok', version: options.version }));
  app.get('/readyz', async (_request, response) => {
    const readiness = await readinessOf(options);
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });
  app.use(requireToken(options.apiToken));
  const document = openApi(options.version);
  app.get('/openapi.json', (_request, response) => void response.json(document));
  for (const endpoint of ENDPOINTS) {
    app.get(endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      response.json(await answer(endpoint, options, request));
    });
  }
  app.use((request) => {
    throw new ApiError(
      'not_found',
      `There is nothing at ${request.path.slice(0, 200)}; /openapi.json lists what there is.`,
    );
  });
  app.use(errorHandler(options.logger));
  return app;
}

/** Sends what lies ready as it lies: a copy of it at every scrape would keep the garbage collector busy. */
function sendPieces(response: Response, pieces: readonly Buffer[]): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.set({ 'Content-Type': METRICS_TYPE, 'Content-Length': String(length) });
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
  response.uncork();
}

function answer(endpoint: Endpoint, context: ApiContext, request: Request): unknown {
  const parts = checked(endpoint.parts, { ...request.params });
  const at = request.originalUrl.indexOf('?');
  const query = parseQuery(endpoint.query, new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at + 1)));
  return endpoint.answer(context, parts as never, query as never);
}

async function readinessOf(options: AppOptions): Promise<{ ready: boolean; index: boolean; sources: unknown[] }> {
  const index = await options.index.ping().then(
    () => true,
    () => false,
  );
  const sources = options.sources.map((source) => source.status());
  const ready = sources.every((source) => source.up && (source.lag_seconds ?? Infinity) < options.readyLagSeconds);
  return { ready: index && ready, index, sources };
}

/** The one place where errors become answers. What is not meant for a client is logged and stays here. */
function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const known = toApiError(error);
    if (known.code === 'internal') logger.error({ err: error, path: request.path }, 'a request failed');
    const problem = problemOf(known);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

/** SQLSTATE classes of a database that can't be reached, and Node's codes for the same. */
const UNREACHABLE = /^(08|53|57)|^ECONN|^ETIMEDOUT$|^ENOTFOUND$/;

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof URIError)
    return new ApiError('invalid_request', 'The path holds a % that starts no valid escape.');
  const { code, message } = error as { code?: string; message?: string };
  if (UNREACHABLE.test(code ?? '') || /timeout exceeded when trying to connect|terminated/i.test(message ?? '')) {
    return new ApiError('index_unreachable', "The exporter's own database can't be reached; try again in a moment.");
  }
  return new ApiError('internal', 'The exporter has logged what went wrong.');
}
