import { describe, expect, it } from 'vitest';
import { planImport, planProblem, type ImportPlan } from '../../../scheduler/crontab/importPlan.ts';
import { parseCrontab } from '../../../scheduler/crontab/parse.ts';
import { toDags } from '../../../scheduler/crontab/toDag.ts';

type Files = Map<string, string>;

function planOf(crontab: string, files: Files, { name = 'mine', timezone = 'UTC' } = {}): ImportPlan {
  const { entries } = parseCrontab(crontab, 'user');
  const dags = toDags(entries.map((entry) => ({ ...entry, timezone: entry.timezone ?? timezone })));
  return planImport(dags, files, name);
}

/** The files of the folder after the plan is executed. */
function after(plan: ImportPlan, files: Files): Files {
  const next = new Map(files);
  for (const dagId of plan.gone) next.delete(dagId);
  for (const { dagId, text } of plan.write) next.set(dagId, text);
  return next;
}

const imported = (crontab: string, files: Files = new Map(), options = {}): Files =>
  after(planOf(crontab, files, options), files);
const BEFORE = '0 3 * * * backup\n@daily report\n';

describe('importing a crontab again', () => {
  it('changes nothing that has not changed', () => {
    const plan = planOf('# moved\n@daily report\n\n0 3 * * * backup\n', imported(BEFORE));
    expect(plan.write.map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
    expect(plan.gone).toEqual([]);
  });

  it('replaces the DAG of an edited line, so that its job runs only at the new times', () => {
    const files = imported(BEFORE);
    const plan = planOf('0 4 * * * backup\n@daily report\n', files);
    expect(plan.write.map(({ change }) => change)).toEqual(['new', 'unchanged']);
    expect(after(plan, files).size).toBe(2);
  });

  it('with another time zone duplicates nothing', () => {
    const files = imported(BEFORE);
    expect(imported(BEFORE, files, { timezone: 'Europe/Berlin' }).size).toBe(2);
  });

  it('finds the DAGs of a removed line, and no others', () => {
    const files = imported('@hourly theirs\n', imported(BEFORE), { name: 'theirs' });
    files.set('by_hand', 'dag_id: by_hand\n');
    const plan = planOf('@daily report\n', files);
    expect(plan.gone).toEqual([expect.stringMatching(/^cron_backup_/)]);
    expect(plan.unknown).toEqual([]);
  });

  it('of another user with the same line creates its own DAG, and finds it again', () => {
    const files = imported('@daily report\n');
    const both = imported('@daily report\n', files, { name: 'theirs' });
    expect(both.size).toBe(2);
    expect(planOf('@daily report\n', both, { name: 'theirs' }).write).toMatchObject([{ change: 'unchanged' }]);
    expect(planOf('@daily report\n', both).write).toMatchObject([{ change: 'unchanged' }]);
  });

  it('recognises the DAGs that version 0.1.0 wrote by their line, or by their command if the line was edited', () => {
    const unmarked = new Map(
      [...imported('0 3 * * * backup\n@daily report\n@daily other\n')].map(([id, text]) => [
        id,
        text.replace(/^# Import:.*\n/m, ''),
      ]),
    );
    const plan = planOf('0 4 * * * backup\n@daily report\n', unmarked);
    expect(plan.write.map(({ change }) => change)).toEqual(['new', 'changed']);
    expect(plan.gone).toEqual([expect.stringMatching(/^cron_backup_/)]);
    expect(plan.unknown).toEqual([expect.stringMatching(/^cron_other_/)]);
  });
});

describe('the written YAML', () => {
  it.each([
    ['no command, only input', '@daily %input'],
    ['a command that is a YAML keyword', '@daily null'],
    ['quotes and breaks', `@daily echo "a: 'b'" # {c} %- x%  %`],
    ['numbers as variables', 'VERSION=1.10\nID=007\n@daily env'],
    ['variables with odd names', '"A B"=c\n@daily env'],
  ])('is accepted by the scheduler: %s', (_name, crontab) => {
    const dags = toDags(parseCrontab(`${crontab}\n`, 'user').entries);
    expect(dags.map(planProblem)).toEqual([null]);
  });

  it('is refused before it is written if the scheduler would refuse it', () => {
    const [dag] = toDags(parseCrontab(`@daily echo ${'x'.repeat(120_000)}\n`, 'user').entries);
    expect(planProblem(dag!)).toContain('must have at most 100000 characters');
  });
});
