import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrive, createArrivals } from '../../dags/arrivals.ts';
import { readApplication } from '../../dags/application.ts';
import * as checks from '../../dags/checks.ts';
import { openLab, type Lab } from '../scheduler/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ env: { RUNBEAT_DAGS: path.resolve('dags') } });
  await createArrivals(lab.pool);
});
afterAll(() => lab.close());

describe('user_arrivals', () => {
  it('does not need a live run of onboarding for each of a thousand waiting users', async () => {
    await lab.pool.query(
      "insert into demo.user_arrival (arrived_at) select now() + interval '1 day' from generate_series(1, 1000)",
    );
    await lab.scheduler();
    await lab.worker();
    await lab.eventually("select 1 from runbeat.task_instance where dag_id = 'user_arrivals' and reschedules >= 3");
    const { rows } = await lab.pool.query(
      `select (select count(*)::int from runbeat.dag_run where dag_id = 'onboarding') as onboarding,
              (select count(*)::int from runbeat.dag_run where dag_id = 'user_arrivals' and state = 'running') as waiting`,
    );
    expect(rows).toEqual([{ onboarding: 0, waiting: 1 }]);
  });

  it('starts onboarding when an awaited user arrives', async () => {
    await lab.pool.query('update demo.user_arrival set arrived_at = now() where user_id = 500');
    expect((await lab.finished('onboarding', 'user_500')).state).toBe('success');
    await lab.eventually('select 1 from demo.user_arrival where user_id = 500 and triggered_at is not null');
    const { rows } = await lab.pool.query(
      "select count(*)::int as runs from runbeat.dag_run where dag_id = 'onboarding'",
    );
    expect(rows).toEqual([{ runs: 1 }]);
  });

  it('starts onboarding once for each user that arrives, with the user in its conf', async () => {
    const users = await arrive(lab.pool, 3);
    for (const userId of users) {
      const run = await lab.finished('onboarding', `user_${userId}`);
      expect(run.state).toBe('success');
      expect(run.conf).toMatchObject({ user_id: userId, application: { id: expect.stringMatching(/^app-/) } });
      expect(run.tasks).toHaveLength(42);
    }
    const { rows } = await lab.pool.query(
      "select count(*)::int as runs from runbeat.dag_run where dag_id = 'onboarding'",
    );
    expect(rows).toEqual([{ runs: 4 }]);
  });
});

describe('the work of onboarding', () => {
  const application = readApplication({ user_id: 42, application: { id: 'app-42' } });

  it('is the same for the same user', () => {
    expect(readApplication({ user_id: 42, application: { id: 'app-42' } })).toEqual(application);
    expect(readApplication({ user_id: 43, application: { id: 'app-42' } })).not.toEqual(application);
  });

  it('refuses a run that names no user', () => {
    expect(() => readApplication({} as never)).toThrow('conf must contain user_id');
  });

  it('distinguishes a valid IBAN from an invalid one', () => {
    expect(checks.ibanIsValid(application)).toBe(true);
    expect(checks.ibanIsValid({ ...application, iban: 'DE89370400440532013000' })).toBe(true);
    expect(checks.ibanIsValid({ ...application, iban: 'DE88370400440532013000' })).toBe(false);
  });

  it('computes the instalment of an annuity', () => {
    expect(checks.instalment(10_000, 0.06, 12)).toBeCloseTo(860.66, 2);
  });

  it('fills all placeholders of a template', () => {
    expect(checks.fillTemplate('{{a}}-{{b}}', { a: 1, b: 'x' })).toBe('1-x');
    expect(() => checks.fillTemplate('{{a}}', {})).toThrow('asks for "a"');
  });
});
