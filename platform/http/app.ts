import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { requireKnownHost } from './hosts.ts';
import { httpError, sendProblem, toHttpError, type HttpError } from './problem.ts';

export interface HttpAppOptions {
  /** Address that the app will listen on. On loopback, only known host names are accepted. */
  listenHost: string;
  /** Further host names to accept. */
  allowedHosts?: readonly string[];
  /** Allowed methods; by default all. */
  methods?: readonly string[];
  logger: Logger;
  /** Translates errors that this service knows; returns null to apply the common rules. */
  translate?: (error: unknown) => HttpError | null;
}

/**
 * Builds an Express app with everything that a service of Runbeat needs around its routes: checks of host names and methods, no type
 * sniffing, a log line per request, and errors as application/problem+json. The caller listens.
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

/** Prevents browsers from guessing a content type other than the one in Content-Type. */
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

/** Logs requests. Paths are logged without their query, which contains business keys of people. */
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

/**
 * Converts errors to responses. Errors that are not meant for clients are only logged. A response that has begun is cut off, so that
 * the client does not take it for a complete one.
 */
function errorHandler({ logger, translate }: HttpAppOptions): ErrorRequestHandler {
  // Express recognizes error handlers by their four parameters.
  return (error: unknown, request, response, _next) => {
    const { method, path } = request;
    if (response.headersSent) {
      logger.error({ err: error, method, path }, 'a response was cut off');
      response.destroy();
      return;
    }
    const answer = translate?.(error) ?? toHttpError(error);
    if (answer.status >= 500 && answer !== error) logger.error({ err: error, method, path }, 'a request failed');
    sendProblem(response, answer);
  };
}
