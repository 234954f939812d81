import type pg from 'pg';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedToken } from '../../platform/http/access.ts';
import { createLogger, type Logger } from '../../platform/log.ts';
import { SettingsError } from '../../platform/settings.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { createControlApi } from '../../scheduler/services/controlApi.ts';
import { createPool } from '../../scheduler/store/database.ts';
import { openLab, type Lab } from './lab.ts';

const auth = ['Authorization', 'Bearer secret'] as const;
const token = fixedToken('RUNBEAT_API_TOKEN', 'secret');
const apiOn = (pool: pg.Pool, logger: Logger): ReturnType<typeof createControlApi> =>
  createControlApi({ pool, access: { read: token, write: token }, listenHost: '127.0.0.1', logger });

let lab: Lab;
let app: ReturnType<typeof createControlApi>;
beforeAll(async () => {
  lab = await openLab();
  lab.write(
    'fails.ts',
    `import { dag } from 'runbeat';
     export default dag('fails', {}, (b) => {
       const first = b.task('first', {}, ({ tryNumber }) => { if (tryNumber === 1) throw new Error('once'); });
       b.task('last', { after: first }, () => undefined);
     });`,
  );
  await lab.scheduler();
  await lab.worker();
  app = apiOn(lab.pool, createLogger('test', 'silent'));
});
afterAll(() => lab.close());

describe('the control API', () => {
  it('requires the token, except for its health check', async () => {
    await request(app).get('/healthz').expect(200);
    const refused = await request(app).get('/api/v1/dags').set('Authorization', 'Bearer wrong').expect(401);
    expect(refused.body).toMatchObject({ status: 401, detail: expect.stringContaining('RUNBEAT_API_TOKEN') });
  });

  it('starts a run and runs its failed task again, as the command line does', async () => {
    const made = await request(app)
      .post('/api/v1/runs/fails')
      .set(...auth)
      .send({ run_id: 'one/1', conf: { user_id: 7 } })
      .expect(201);
    expect(made.body).toMatchObject({ run_id: 'one/1' });
    expect((await lab.finished('fails', 'one/1')).state).toBe('failed');
    const path = `/api/v1/runs/fails/${encodeURIComponent('one/1')}`;
    const retried = await request(app)
      .post(`${path}/retry`)
      .set(...auth)
      .send({ task_id: 'first' })
      .expect(200);
    expect(retried.body.task_ids).toEqual(['first', 'last']);
    await lab.finished('fails', 'one/1');
    const shown = await request(app)
      .get(path)
      .set(...auth)
      .expect(200);
    expect(shown.body).toMatchObject({ state: 'success', conf: { user_id: 7 } });
    expect(shown.body.tasks[0].earlier_attempts).toHaveLength(1);
  });

  it('names what is wrong with a request', async () => {
    const wrong = await request(app)
      .post('/api/v1/runs/fails/x/retry')
      .set(...auth)
      .send({ task: 'first' })
      .expect(400);
    expect(wrong.body.errors).toEqual([{ parameter: 'task', message: 'is not known here' }]);
    const unknown = await request(app)
      .post('/api/v1/runs/nothing')
      .set(...auth)
      .send({})
      .expect(404);
    expect(unknown.body.detail).toContain('there is no DAG "nothing"');
    await request(app)
      .delete('/api/v1/dags')
      .set(...auth)
      .expect(404);
  });

  it.each([
    ['run_id', { run_id: 'a\nb' }, 'control characters'],
    ['run_id', { run_id: 'x'.repeat(251) }, '1 to 250 characters'],
    ['run_id', { run_id: '\uD800' }, 'half a character'],
    ['logical_date', { logical_date: '0000-01-01T00:00:00Z' }, 'between the years 1900 and 2999'],
    ['conf', { conf: { a: { b: 'x\0' } } }, 'a.b: must not contain a NUL character'],
    ['conf', { conf: { 'a\0': 1 } }, 'a key must not contain a NUL character'],
    ['conf', { conf: [1] }, 'must be a JSON object'],
    ['logical_date', { logical_date: '2026-02-30T00:00:00Z' }, 'must be a time such as'],
    ['cnof', { cnof: {} }, 'is not known here'],
    ['body', [1], 'must be a JSON object'],
  ])('refuses a run with an invalid %s and names the parameter', async (parameter, body, message) => {
    const answer = await request(app)
      .post('/api/v1/runs/fails')
      .set(...auth)
      .send(body)
      .expect(400);
    expect(answer.body.errors).toEqual([{ parameter, message: expect.stringContaining(message) }]);
  });

  it.each([
    ['get', '/api/v1/runs?dag_id=a%00b', 'dag_id'],
    ['get', '/api/v1/runs?state=done', 'state'],
    ['get', '/api/v1/runs/fails/a%00b', 'run_id'],
    ['post', '/api/v1/runs/a%00b', 'dag_id'],
    ['patch', '/api/v1/dags/a%00b', 'dag_id'],
  ] as const)('refuses %s %s and names the parameter', async (method, url, parameter) => {
    const answer = await request(app)
      [method](url)
      .set(...auth)
      .expect(400);
    expect(answer.body.errors[0]).toMatchObject({ parameter });
  });

  it('refuses a body that is not JSON, instead of ignoring it', async () => {
    for (const body of ['{"run_id": ', Buffer.from([0x7b, 0xff, 0x7d])]) {
      const answer = await request(app)
        .post('/api/v1/runs/fails')
        .set(...auth)
        .type('text/plain')
        .send(body)
        .expect(400);
      expect(answer.body.errors[0]).toMatchObject({
        parameter: 'body',
        message: expect.stringContaining('is not valid JSON'),
      });
    }
  });

  it('distinguishes what does not exist (404) from conflicts (409), in words that fit HTTP', async () => {
    const post = (url: string, body: object): request.Test =>
      request(app)
        .post(url)
        .set(...auth)
        .send(body);
    await post('/api/v1/runs/fails', { run_id: 'twice' }).expect(201);
    await lab.finished('fails', 'twice');
    const answers = [
      await request(app)
        .get('/api/v1/runs/fails/none')
        .set(...auth)
        .expect(404),
      await post('/api/v1/runs/fails/none/retry', {}).expect(404),
      await post('/api/v1/runs/fails/twice/retry', { task_id: 'none' }).expect(404),
      await post('/api/v1/runs/nothing', {}).expect(404),
      await post('/api/v1/runs/fails', { run_id: 'twice' }).expect(409),
    ];
    for (const { body } of answers) expect(body.detail).not.toMatch(/`|--|runbeat /);
  });

  it('gives the reason for an internal error in its log, and only there', async () => {
    const logged: object[] = [];
    const logger = { error: (fields: object) => logged.push(fields), debug: () => undefined } as unknown as Logger;
    const pool = createPool('postgres://nobody@127.0.0.1:1/x', 'test', 1);
    const answer = await request(apiOn(pool, logger))
      .get('/api/v1/dags')
      .set(...auth)
      .expect(503);
    expect(answer.text).not.toContain('127.0.0.1');
    expect(logged).toEqual([expect.objectContaining({ path: '/api/v1/dags', err: expect.any(Error) })]);
    await pool.end();
  });

  it('lists the files that could not be imported', async () => {
    lab.write('wrong.yaml', 'dag_id: wrong\n');
    await lab.eventually("select 1 from runbeat.import_error where fileloc = 'wrong.yaml'");
    const { body } = await request(app)
      .get('/api/v1/dags')
      .set(...auth)
      .expect(200);
    expect(body.import_errors).toMatchObject([{ fileloc: 'wrong.yaml', message: expect.stringContaining('tasks') }]);
  });

  it('is not served without a token', () => {
    const env = { RUNBEAT_DATABASE_URL: 'postgres://x@localhost/x', RUNBEAT_CONTROL_LISTEN: '127.0.0.1:9560' };
    expect(() => loadSchedulerConfig(env)).toThrow(SettingsError);
  });
});
