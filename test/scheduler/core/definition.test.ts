import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../scheduler/core/definition.ts';
import type { DefinitionError } from '../../../scheduler/core/problems.ts';
import { afterFailure } from '../../../scheduler/core/retries.ts';

function problemsOf(dag: object, task: object = {}): readonly string[] {
  try {
    parseDefinition({ dag_id: 'd', ...dag, tasks: [{ task_id: 't', kind: 'function', ...task }] });
    return [];
  } catch (error) {
    return (error as DefinitionError).problems;
  }
}

describe('a definition', () => {
  it.each([
    [{ max_active_tasks: 3_000_000_000 }, 'max_active_tasks: must be 1000000 or less'],
    [{ max_active_runs: 2 ** 31 }, 'max_active_runs: must be 1000000 or less'],
    [{ description: 'a\0b' }, 'description: must not contain a NUL character'],
    [{ owner: 'a\uD800' }, 'owner: must not contain half a character (a lone surrogate)'],
    [{ tags: ['ok', '\0'] }, 'tags.1: must not contain a NUL character'],
    [{ start_date: '0000-01-01T00:00:00Z' }, 'start_date: must be between the years 1900 and 2999'],
    [{ start_date: '9999-01-01T00:00:00Z' }, 'start_date: must be between the years 1900 and 2999'],
    [{ start_date: '2026-02-31T00:00:00Z' }, 'start_date: must be a time such as 2026-01-31T00:00:00Z'],
    [{ params: { a: { 'b\0': 1 } } }, 'params: a: a key must not contain a NUL character'],
    [{ params: { a: [1, 'x\uDC00'] } }, 'params: a.1: must not contain half a character (a lone surrogate)'],
    [{ params: { id: 12345678901234567890 } }, 'params: id: JavaScript has rounded this number'],
    [{ params: { a: new Date(NaN) } }, 'params: a: must be a time such as 2026-01-31T00:00:00Z'],
    [{ params: { a: Promise.resolve(1) } }, 'params: a: must be a JSON value, not a promise'],
    [{ params: { a: [/x/] } }, 'params: a.0: must be a JSON value, not a regexp'],
    [{ params: { a: new Uint8Array(1) } }, 'params: a: must be a JSON value, not a uint8array'],
    [{ start_date: '2026-02-30T00:00:00Z' }, 'start_date: must be a time such as 2026-01-31T00:00:00Z'],
    [{ start_date: '2026-01-31 00:00' }, 'start_date: must be a time such as 2026-01-31T00:00:00Z'],
    [{ start_date: '5' }, 'start_date: must be a time such as 2026-01-31T00:00:00Z'],
    [
      { schedule: { cron: '0 0 0 1 1 * 2030' } },
      'schedule: "0 0 0 1 1 * 2030" is not a cron expression: it takes five',
    ],
    [{ schedule: { cron: '2030-01-01T00:00:00' } }, 'is not a cron expression: it takes five fields'],
    [{ schedule: { interval_seconds: 1e300 } }, 'schedule.interval_seconds: must be 3155760000 seconds'],
    [{ schedule: { cron: '@daily', timezone: 'UTC\0' } }, 'schedule.timezone: must not contain a NUL character'],
  ])('%j is refused with the field', (dag, problem) => {
    expect(problemsOf(dag)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [{ retries: 3_000_000_000 }, 'retries: must be 1000000 or less'],
    [{ retries: 1.5 }, 'retries: must be a whole number'],
    [{ pool_slots: 2 ** 31 }, 'pool_slots: must be 1000000 or less'],
    [{ retry_delay_seconds: 1e18 }, 'retry_delay_seconds: must be 3155760000 seconds (a century) or less'],
    [{ execution_timeout_seconds: Infinity }, 'execution_timeout_seconds: must be'],
    [{ max_retry_delay_seconds: NaN }, 'max_retry_delay_seconds: must be'],
    [{ kind: 'sensor', sensor: { poke_interval_seconds: 1e18 } }, 'sensor.poke_interval_seconds: must be 3155760000'],
    [{ pool: 'p'.repeat(3_000) }, 'pool: must have at most 250 characters'],
    [{ queue: 'q\0' }, 'queue: must not contain a NUL character'],
    [{ kind: 'shell', shell: { command: 'echo \0' } }, 'shell.command: must not contain a NUL character'],
    [{ kind: 'shell', shell: { command: 'x'.repeat(200_000) } }, 'shell.command: must have at most 100000 characters'],
    [{ kind: 'shell', shell: { command: 'true', env: { A: null } } }, 'shell.env.A: must be text'],
    [{ kind: 'trigger_dag', trigger: { dag_id: 'e', conf: { a: '\0' } } }, 'trigger.conf: a: must not contain a NUL'],
  ])('with the task %j is refused with task and field', (task, problem) => {
    expect(problemsOf({}, task)).toEqual([expect.stringContaining(`task "t": ${problem}`)]);
  });

  it('may have a retry delay of a year and a timeout of a month', () => {
    expect(problemsOf({}, { retry_delay_seconds: 31_536_000, execution_timeout_seconds: 2_592_000 })).toEqual([]);
  });

  it('keeps all digits of a bigint in its params', () => {
    const { params } = parseDefinition({
      dag_id: 'd',
      params: { id: 12345678901234567890n },
      tasks: [{ task_id: 't', kind: 'function' }],
    });
    expect(params).toEqual({ id: 12345678901234567890n });
  });
});

describe('the delay of a retry', () => {
  const rules = { retry_delay_seconds: 604_800, retry_exponential_backoff: false, max_retry_delay_seconds: null };
  it('is that of the task, even a week, and back-off does not raise it above a day', () => {
    expect(afterFailure(rules, 1, 3)).toEqual({ state: 'up_for_retry', delaySeconds: 604_800 });
    const growing = { ...rules, retry_delay_seconds: 60, retry_exponential_backoff: true };
    expect(afterFailure(growing, 2, 3)).toMatchObject({ delaySeconds: 120 });
    expect(afterFailure(growing, 900_000, 1_000_000)).toMatchObject({ delaySeconds: 86_400 });
  });
});
