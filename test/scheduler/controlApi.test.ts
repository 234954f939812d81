import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SettingsError } from '../../platform/settings.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { createControlApi } from '../../scheduler/services/controlApi.ts';
import { openLab, type Lab } from './lab.ts';

const auth = ['Authorization', 'Bearer secret'] as const;
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
  app = createControlApi(lab.pool, 'secret');
});
afterAll(() => lab.close());

describe('the control API', () => {
  it('wants the token, except for its health', async () => {
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

  it('says what is wrong with a request', async () => {
    const wrong = await request(app)
      .post('/api/v1/runs/fails/x/retry')
      .set(...auth)
      .send({ task: 'first' })
      .expect(400);
    expect(wrong.body.errors[0].message).toContain('task');
    const unknown = await request(app)
      .post('/api/v1/runs/nothing')
      .set(...auth)
      .send({})
      .expect(409);
    expect(unknown.body.detail).toContain('there is no DAG "nothing"');
    await request(app)
      .delete('/api/v1/dags')
      .set(...auth)
      .expect(404);
  });

  it('is not served without a token', () => {
    const env = { RUNBEAT_DATABASE_URL: 'postgres://x@localhost/x', RUNBEAT_CONTROL_LISTEN: '127.0.0.1:9560' };
    expect(() => loadSchedulerConfig(env)).toThrow(SettingsError);
  });
});
