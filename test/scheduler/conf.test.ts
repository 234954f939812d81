import fc from 'fast-check';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedToken } from '../../platform/http/access.ts';
import { createLogger } from '../../platform/log.ts';
import { parseJson } from '../../platform/json.ts';
import { triggerDag } from '../../scheduler/control.ts';
import { createControlApi } from '../../scheduler/services/controlApi.ts';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, type Lab } from './lab.ts';

const auth = ['Authorization', 'Bearer secret'] as const;
const token = fixedToken('RUNBEAT_API_TOKEN', 'secret');
const ID = '1234567890123456789';

let lab: Lab;
let app: ReturnType<typeof createControlApi>;
beforeAll(async () => {
  lab = await openLab();
  lab.write(
    'mirror.ts',
    `import { dag, stringifyJson } from 'runbeat';
     export const mirror = dag('mirror', {}, (b) => {
       b.shell('shell', { command: 'cat "\${RUNBEAT_CONF_FILE-/dev/stdin}"', inherit: [] });
       b.task('function', {}, ({ conf }) => console.log(stringifyJson(conf)));
       b.triggerDag('again', { dagId: 'echo' }, ({ conf }) => ({ conf }));
     });
     export const echo = dag('echo', {}, (b) => { b.shell('shell', { command: 'printf %s "$RUNBEAT_CONF"' }); });
     export const kinds = dag('kinds', {}, (b) => {
       b.task('t', {}, ({ conf }) => console.log(typeof conf.user_id, String(conf.user_id), typeof conf.small));
     });`.replace('cat "${RUNBEAT_CONF_FILE-/dev/stdin}"', 'printf %s "$RUNBEAT_CONF"'),
  );
  lab.write(
    'fixed.yaml',
    `dag_id: fixed\ntasks:\n  - task_id: start\n    trigger_dag_id: echo\n    conf: { user_id: ${ID}, rate: 0.12345678901234567891, plus: +1.50, half: .5 }
  - task_id: env\n    command: printf '%s %s %s' "$ID" "$VERSION" "$ON"\n    env: { ID: ${ID}0, VERSION: 1.10, ON: true }\n`,
  );
  await lab.scheduler();
  await lab.worker();
  await lab.eventually('select 1 from runbeat.dag having count(*) = 4');
  app = createControlApi({
    pool: lab.pool,
    access: { read: token, write: token },
    listenHost: '127.0.0.1',
    logger: createLogger('test', 'silent'),
  });
});
afterAll(() => lab.close());

async function printed(dagId: string, runId: string, taskId: string): Promise<string> {
  await lab.finished(dagId, runId);
  return (await readLogs(lab.pool, { dagId, runId }, taskId, null)).map(({ content }) => content).join('');
}

/** Pairs of JSON values that differ for the database, whose numbers have any size. */
async function sameJson(pairs: readonly (readonly [string, string])[]): Promise<void> {
  const { rows } = await lab.pool.query(
    'select * from unnest($1::text[], $2::text[]) as p(sent, seen) where sent::jsonb <> seen::jsonb',
    [pairs.map(([sent]) => sent), pairs.map(([, seen]) => seen)],
  );
  expect(rows).toEqual([]);
}

const numberText = fc.oneof(
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(), fc.integer({ min: -30, max: 30 }))
    .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`),
);
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    numberText,
    text.map((value) => JSON.stringify(value)),
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc.dictionary(text, tie('json'), { maxKeys: 4 }).map(objectText),
  ),
}));
const confText = fc.dictionary(text, json, { minKeys: 1, maxKeys: 5 }).map(objectText);

function objectText(fields: Record<string, string>): string {
  return `{${Object.entries(fields)
    .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
    .join()}}`;
}

describe('a conf', () => {
  it('reaches functions, commands and triggered runs with every digit, whatever its values and its way in', async () => {
    const sent = fc.sample(confText, 40);
    const runIds = await Promise.all(
      sent.map(async (conf, at) => {
        const runId = `r${at}`;
        if (at % 2 === 0) {
          const body = `{"run_id":"${runId}","conf":${conf}}`;
          await request(app)
            .post('/api/v1/runs/mirror')
            .set(...auth)
            .type('json')
            .send(body)
            .expect(201);
        } else {
          const values = parseJson(conf) as Record<string, unknown>;
          await triggerDag(lab.pool, { dagId: 'mirror', runId, logicalDate: null, conf: values, triggeredBy: 'test' });
        }
        return runId;
      }),
    );
    const pairs: [string, string][] = [];
    for (const [at, runId] of runIds.entries()) {
      const started = `triggered__mirror__${runId}__again__0`;
      pairs.push(
        [sent[at]!, await printed('mirror', runId, 'shell')],
        [sent[at]!, await printed('mirror', runId, 'function')],
        [sent[at]!, await printed('echo', started, 'shell')],
      );
    }
    await sameJson(pairs);
  });

  it('may have a key that is special in JavaScript', async () => {
    const conf = `{"__proto__": {"a": 1}, "constructor": "c", "id": ${ID}}`;
    const body = `{"run_id":"special","conf":${conf}}`;
    await request(app)
      .post('/api/v1/runs/mirror')
      .set(...auth)
      .send(body)
      .expect(201);
    await sameJson([
      [conf, await printed('mirror', 'special', 'shell')],
      [conf, await printed('mirror', 'special', 'function')],
      [conf, await printed('echo', 'triggered__mirror__special__again__0', 'shell')],
    ]);
  });

  it('gives a function an integer above 2^53 as a bigint, and smaller ones as numbers', async () => {
    const conf = parseJson(`{"user_id": ${ID}, "small": 7}`) as Record<string, unknown>;
    expect(await printed('kinds', await lab.trigger('kinds', conf), 't')).toBe(`bigint ${ID} number\n`);
  });

  it('in YAML keeps its digits, and environment variables are exactly as written', async () => {
    const runId = await lab.trigger('fixed');
    expect(await printed('fixed', runId, 'env')).toBe(`${ID}0 1.10 true`);
    const seen = await printed('echo', `triggered__fixed__${runId}__start__0`, 'shell');
    await sameJson([[`{"user_id": ${ID}, "rate": 0.12345678901234567891, "plus": 1.5, "half": 0.5}`, seen]]);
  });

  it('is shown by the control API with every digit', async () => {
    const body = `{"run_id":"shown","conf":{"user_id":${ID}}}`;
    await request(app)
      .post('/api/v1/runs/kinds')
      .set(...auth)
      .type('json')
      .send(body)
      .expect(201);
    const shown = await request(app)
      .get('/api/v1/runs/kinds/shown')
      .set(...auth)
      .expect(200);
    expect(shown.text).toContain(`"user_id":${ID}`);
  });
});
