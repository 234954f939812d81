import type { Express, Request, Response } from 'express';
import { requireToken, type Tokens } from '../platform/http/access.ts';
import { createHttpApp } from '../platform/http/app.ts';
import { HttpError } from '../platform/http/problem.ts';
import type { Logger } from '../platform/log.ts';
import { faultOf } from '../platform/postgres/faults.ts';
import { AnswersUnderWay } from './api/answersUnderWay.ts';
import type { ApiContext } from './api/context.ts';
import { ENDPOINTS, type Endpoint } from './api/endpoints.ts';
import { openApi } from './api/openapi.ts';
import { checked, parseQuery } from './api/parameters.ts';
import { ApiError } from './api/problems.ts';
import { CONTENT_TYPES, formatFor, type MetricsFormat } from './metrics/format.ts';
import { readinessOf, type Readiness } from './api/readiness.ts';
import { startPage } from './api/startPage.ts';

export interface AppOptions extends ApiContext {
  /** Body of /metrics, from memory, in pieces. */
  metrics: (format: MetricsFormat) => Promise<readonly Buffer[]>;
  /** Null: the API is open. */
  tokens: Tokens | null;
  /** Address that the app will listen on. */
  listenHost: string;
  /** Host names that are accepted on loopback in addition to its own. */
  allowedHosts?: readonly string[];
  version: string;
  /** A source whose lag is higher than this is not ready. */
  readyLagSeconds: number;
  logger: Logger;
}

/** Builds the exporter's HTTP app; the caller listens. */
export function createApp(options: AppOptions): Express {
  return createHttpApp({ ...options, methods: ['GET', 'HEAD'], translate }, (app) => {
    app.get('/metrics', async (request, response) => {
      const format = formatFor(request.headers.accept);
      response.set({ 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept' });
      sendPieces(response, await options.metrics(format));
    });
    app.get('/healthz', (_request, response) => void response.json({ status: 'ok', version: options.version }));
    app.get('/readyz', async (_request, response) => {
      const readiness = await readinessNow(options);
      response.status(readiness.ready ? 200 : 503).json(readiness);
    });
    app.get('/', startPage(options.version));
    app.use(requireToken({ read: options.tokens, write: null }));
    const document = openApi(options.version);
    app.get('/openapi.json', (_request, response) => void response.json(document));
    const underWay = new AnswersUnderWay();
    for (const endpoint of ENDPOINTS) {
      app.get(endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
        const { pieces } = await underWay.share(request.originalUrl, () => answer(endpoint, options, request));
        sendPieces(response.type('json'), pieces);
      });
    }
  });
}

/** Sends the pieces without joining them: a copy of each large answer would keep the garbage collector busy. */
function sendPieces(response: Response, pieces: readonly Buffer[]): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.set('Content-Length', String(length));
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

async function readinessNow({ index, sources, readyLagSeconds }: AppOptions): Promise<Readiness> {
  const indexAnswers = await index.ping().then(
    () => true,
    () => false,
  );
  const statuses = sources.map((source) => source.status());
  return readinessOf(indexAnswers, statuses, readyLagSeconds);
}

/** Failures of sources are already ApiErrors, so any other database error comes from the index. */
function translate(error: unknown): ApiError | null {
  if (error instanceof HttpError || faultOf(error) === 'permanent') return null;
  return new ApiError('index_unreachable', "The exporter's own database can't be reached; try again in a moment.");
}
