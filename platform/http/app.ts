import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { requireKnownHost } from './hosts.ts';
import { httpError, sendProblem, toHttpError, type HttpError } from './problem.ts';

export interface HttpAppOptions {
  /** Address that the app will listen on; on loopback only known host names are served. */
  listenHost: string;
  /** Further host names to serve. */
  allowedHosts?: readonly string[];
  /** Methods that are known here at all; any, when left out. */
  methods?: readonly string[];
  logger: Logger;
  /** Translates errors that this service knows; null leaves them to the common rules. */
  translate?: (error: unknown) => HttpError | null;
}

/**
 * An Express app with what every service of Runbeat needs around its routes: known hosts and methods only, no sniffing of
 * types, a log line a request, and errors as application/problem+json. The caller listens.
 */
export function createHttpApp(options: HttpAppOptions, addRoutes: (app: Express) => void): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(logRequests(options.logger), neverSniff, requireKnownHost(options.listenHost, options.allowedHosts));
  if (options.methods) app.use(onlyMethods(options.methods));
  addRoutes(app);
  app.use((request) => {
    throw httpError('not_found', `There is no ${request.method} ${request.path.slice(0, 200)}.`);
  });
  app.use(errorHandler(options));
  return app;
}

/** Browsers take an answer for what its Content-Type says, and nothing else. */
export const neverSniff: RequestHandler = (_request, response, next) => {
  response.set('X-Content-Type-Options', 'nosniff');
  next();
};

function onlyMethods(methods: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (methods.includes(request.method)) return next();
    response.set('Allow', methods.join(', '));
    throw httpError(
      'method_not_allowed',
      `${request.method.slice(0, 20)} is not known here; use ${methods.join(' or ')}.`,
    );
  };
}

/** Paths are logged without their query, which names people's business keys. */
function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const { method } = request;
      const ms = Math.round(performance.now() - began);
      const path = request.originalUrl.split('?', 1)[0]!.slice(0, 200);
      logger.debug({ method, path, status: response.statusCode, ms }, 'request');
    });
    next();
  };
}

/** The one place where errors become answers. What is not meant for a client is logged and stays here. */
function errorHandler({ logger, translate }: HttpAppOptions): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const answer = translate?.(error) ?? toHttpError(error);
    if (answer.status >= 500 && answer !== error)
      logger.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    sendProblem(response, answer);
  };
}
