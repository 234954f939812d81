import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Request, Response } from 'express';

const PASSED_ON = ['content-type', 'cache-control', 'retry-after'];

interface Upstream {
  url: string;
  headers: Record<string, string>;
  timeoutMs: number;
}

/** Forwards a request and its response, with errors converted as in Grafana's proxy. */
export async function forward(request: Request, response: Response, to: Upstream) {
  const upstream = await ask(request, to);
  if (typeof upstream === 'number') {
    response.status(upstream).json({ message: upstream === 504 ? 'Gateway Timeout' : 'Bad Gateway' });
    return;
  }
  if (upstream.status === 401) {
    response.status(400).json({ message: 'Authentication to data source failed' });
    return;
  }
  response.status(upstream.status);
  for (const name of PASSED_ON) {
    const value = upstream.headers.get(name);
    if (value) response.setHeader(name, value);
  }
  if (!upstream.body) response.end();
  else
    Readable.fromWeb(upstream.body as ReadableStream)
      .on('error', () => response.destroy())
      .pipe(response);
}

/** The response of the upstream, or a status of the proxy itself. */
async function ask(request: Request, { url, headers, timeoutMs }: Upstream) {
  const gone = new AbortController();
  request.res?.once('close', () => gone.abort());
  try {
    return await fetch(url, {
      method: request.method,
      headers: { ...passedOn(request), ...headers },
      ...bodyOf(request),
      signal: AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 504 : 502;
  }
}

function passedOn(request: Request): Record<string, string> {
  const type = request.get('content-type');
  return { accept: request.get('accept') ?? '*/*', ...(type ? { 'content-type': type } : {}) };
}

function bodyOf(request: Request): RequestInit {
  if (request.method === 'GET' || request.method === 'HEAD') return {};
  return { body: Readable.toWeb(request), duplex: 'half' } as RequestInit;
}
