import { Agent, get, type IncomingMessage } from 'node:http';
import express from 'express';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../platform/errors.ts';
import { fixedToken, requireToken } from '../../platform/http/access.ts';
import { createHttpApp } from '../../platform/http/app.ts';
import { listen } from '../../platform/http/listen.ts';
import { createLogger } from '../../platform/log.ts';

const logger = createLogger('test', 'silent');
const THROWN: Readonly<Record<string, unknown>> = {
  missing: new NotFoundError('there is no DAG "x"', 'Try --help.'),
  taken: new ConflictError('the id is taken', 'Choose another --run-id.'),
  away: Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }),
  bug: new TypeError('secret of the inside'),
};

function serve(listenHost = '127.0.0.1', allowedHosts: string[] = []): express.Express {
  return createHttpApp({ listenHost, allowedHosts, methods: ['GET', 'HEAD', 'POST'], logger }, (app) => {
    const read = fixedToken('RUNBEAT_API_TOKEN', 'a-reading-token');
    const write = fixedToken('RUNBEAT_CONTROL_TOKEN', 'a-writing-token');
    app.get('/throws/later', (_, response) => {
      response.write('[1,');
      throw THROWN.bug;
    });
    app.get('/throws/:what', (req) => {
      throw THROWN[req.params.what];
    });
    app.use('/api', requireToken({ read, write }), express.json({ limit: '1kb' }));
    app.get('/api/thing', (_, response) => void response.json({}));
    app.post('/api/thing', (req, response) => {
      response.json(z.strictObject({ name: z.string() }).parse(req.body));
    });
  });
}

describe('errors over HTTP', () => {
  it.each([
    ['missing', 404, 'there is no DAG "x"'],
    ['taken', 409, 'the id is taken'],
    ['away', 503, "The database can't be reached; try again in a moment."],
    ['bug', 500, 'The cause is in the log of the service.'],
  ])('%s gives %i, without advice for the command line or internal details', async (what, status, detail) => {
    const response = await request(serve()).get(`/throws/${what}`).expect(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body.detail).toBe(detail);
  });

  it.each([
    ['malformed JSON', '{"name":', 400],
    ['a wrong field', '{"title": "x"}', 400],
    ['a large body', JSON.stringify({ name: 'x'.repeat(2_000) }), 413],
  ])('%s is the client’s fault', async (_, body, status) => {
    const response = await request(serve())
      .post('/api/thing')
      .set('Authorization', 'Bearer a-writing-token')
      .type('json')
      .send(body);
    expect([response.status, response.type]).toEqual([status, 'application/problem+json']);
  });

  it('an error after the response has begun cuts it off, and is logged once', async () => {
    const logged = vi.spyOn(logger, 'error');
    await expect(request(serve()).get('/throws/later')).rejects.toThrow(/aborted|hang up/);
    expect(logged.mock.calls).toEqual([
      [{ err: THROWN.bug, method: 'GET', path: '/throws/later' }, 'a response was cut off'],
    ]);
    logged.mockRestore();
  });

  it('unknown methods and paths get a short response that names what exists', async () => {
    const unknown = await request(serve()).propfind('/api/thing').expect(405);
    expect(unknown.headers.allow).toBe('GET, HEAD, POST');
    const nowhere = await request(serve())
      .get(`/${'x'.repeat(5_000)}`)
      .expect(404);
    expect(nowhere.text.length).toBeLessThan(500);
  });
});

describe('tokens', () => {
  it.each([
    ['get', 'a-reading-token', 200],
    ['get', 'a-writing-token', 200],
    ['get', 'a-wrong-token', 401],
    ['post', 'a-writing-token', 200],
    ['post', 'a-reading-token', 403],
    ['post', 'a-wrong-token', 401],
  ] as const)('%s with %s is answered %i', async (method, token, status) => {
    const sent = request(serve())[method]('/api/thing').set('Authorization', `Bearer ${token}`);
    await (method === 'post' ? sent.send({ name: 'x' }) : sent).expect(status);
  });
});

describe('host names', () => {
  it.each([
    ['127.0.0.1', [], 'localhost:9550', 404],
    ['127.0.0.1', [], '[::1]:9550', 404],
    ['127.0.0.1', [], 'rebound.example.com', 421],
    ['localhost', [], '169.254.169.254', 421],
    ['127.0.0.1', ['runbeat.example.com'], 'Runbeat.Example.com', 404],
    ['0.0.0.0', [], 'runbeat.example.com', 404],
    ['0.0.0.0', ['runbeat.example.com'], 'other.example.com', 421],
  ] as const)('listening on %s (allowed: %j), %s is answered %i', async (listenHost, allowed, host, status) => {
    const response = await request(serve(listenHost, [...allowed]))
      .get('/nothing')
      .set('Host', host);
    expect(response.status).toBe(status);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('connections', () => {
  it('are kept open for longer than the 90 s for which Prometheus and Grafana keep them', async () => {
    const server = await listen(serve(), { host: '127.0.0.1', port: 0 }, 'RUNBEAT_LISTEN');
    const agent = new Agent({ keepAlive: true });
    try {
      const { headers } = await new Promise<IncomingMessage>((resolve, reject) =>
        get(`${server.url}/throws/missing`, { agent }, (response) => resolve(response.resume())).on('error', reject),
      );
      expect(Number(/^timeout=(\d+)$/.exec(headers['keep-alive'] as string)![1])).toBeGreaterThan(90);
    } finally {
      agent.destroy();
      await server.close();
    }
  });
});
