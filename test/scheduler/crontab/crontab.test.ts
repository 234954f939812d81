import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../scheduler/core/definition.ts';
import { parseCrontab, type CrontabEntry } from '../../../scheduler/crontab/parse.ts';
import { toDags } from '../../../scheduler/crontab/toDag.ts';

function only(content: string): CrontabEntry {
  const { entries, problems } = parseCrontab(content, 'user');
  expect(problems).toEqual([]);
  expect(entries).toHaveLength(1);
  return entries[0]!;
}

describe('a crontab', () => {
  it('gives its jobs the variables from the lines above them, unquoted', () => {
    const { entries } = parseCrontab('A=1\n* * * * * first\nB = " two "\n0 5 * * * second', 'user');
    expect(entries.map(({ line, command, env }) => [line, command, env])).toEqual([
      [2, 'first', { A: '1' }],
      [4, 'second', { A: '1', B: ' two ' }],
    ]);
  });

  it('sets shell and time zone for the lines below', () => {
    const entry = only('SHELL=/bin/bash\nCRON_TZ=Europe/Berlin\n30 2 * * * report');
    expect(entry).toMatchObject({ shell: '/bin/bash', timezone: 'Europe/Berlin', env: {} });
  });

  it.each([
    ['@daily x', '0 0 * * *'],
    ['@midnight x', '0 0 * * *'],
    ['@hourly x', '0 * * * *'],
    ['@weekly x', '0 0 * * 0'],
    ['@annually x', '0 0 1 1 *'],
    ['*/5 0-6,22 1 jan-mar MON,7 x', '0-59/5 0-6,22 1 1-3 0-1'],
    ['-0 5 * * * x', '0 5 * * *'],
    ['0 0 */2 * mon x', '0 0 1-31/2 * +1'],
    ['0 0 2-31/2 * mon x', '0 0 2-31/2 * 1'],
    ['0 0 1-31 * mon x', '0 0 * * *'],
    ['0 0 1-31 * */2 x', '0 0 * * 0-6/2'],
    ['*/100 0 * * sun-sun x', '0 0 * * 0'],
    ['0 0 * * sat-sun x', '0 0 * * 0,6'],
    ['  \t5\t4  * * *   x', '5 4 * * *'],
  ])('reads the schedule of "%s"', (line, schedule) => {
    expect(only(line)).toMatchObject({ schedule, command: 'x' });
  });

  it('splits standard input off at %, and keeps an escaped %', () => {
    expect(only('0 1 * * * date +\\%F | mail -s hi%line one%50\\% off')).toMatchObject({
      command: 'date +%F | mail -s hi',
      stdin: 'line one\n50% off\n',
    });
    expect(only('0 1 * * * true').stdin).toBeNull();
  });

  it.each([
    ['cmd%', 'cmd', null],
    ['cmd%a%', 'cmd', 'a\n'],
    ['cmd%%', 'cmd', '\n'],
    ['%only input', '', 'only input\n'],
    ['a\\\\%b', 'a\\\\', 'b\n'],
    ['a\\b\\%c%\\d\\%', 'a\\b%c', '\\d%\n'],
  ])('splits the command "%s" as cron does', (text, command, stdin) => {
    expect(only(`0 1 * * * ${text}`)).toMatchObject({ command, stdin });
  });

  it('sets SHELL for the job, too, but not the variables with the user’s name', () => {
    const { entries, problems } = parseCrontab('SHELL=/bin/bash\nLOGNAME=root\nUSER=root\n@daily x', 'user');
    expect(entries[0]!.env).toEqual({ SHELL: '/bin/bash' });
    expect(problems.map(({ line, taken }) => [line, taken])).toEqual([
      [2, true],
      [3, true],
    ]);
    expect(toDags(entries)[0]!.tasks[0]!.shell).toMatchObject({
      env: { SHELL: '/bin/bash' },
      inherit: ['HOME', 'LOGNAME', 'USER'],
    });
  });

  it('skips comments and blank lines, even with Windows line ends', () => {
    expect(parseCrontab('# a = b\r\n\r\n   # c\r\n* * * * * x # y\r\n', 'user').entries).toMatchObject([
      { line: 4, command: 'x # y' },
    ]);
  });

  it('names the user in the system form, and warns that the job runs as another user', () => {
    const { entries, problems } = parseCrontab('17 * * * * root cd / && run-parts hourly', 'system');
    expect(entries).toMatchObject([{ user: 'root', command: 'cd / && run-parts hourly' }]);
    expect(problems).toMatchObject([{ line: 1, taken: true, reason: expect.stringContaining('root') }]);
  });

  it.each([
    ['@reboot daemon', 'service'],
    ['@fortnightly x', 'unknown'],
    ['@Hourly x', 'lower case'],
    ['0 0 * * * * x', 'not by a sixth field'],
    ['@daily *x', 'not by a sixth field'],
    ['0 0 * * 5L x', 'not a cron expression'],
    ['0 0 * * FRIL x', 'not a cron expression'],
    ['5/10 * * * * x', 'not a cron expression'],
    ['5-3 * * * * x', 'never fires'],
    ['A="x" y', 'five time fields'],
    ['61 * * * * x', 'not a cron expression'],
    ['0 0 30 2 * x', 'never fires'],
    ['* * * x', 'five time fields'],
    ['* * * * *', 'command'],
    ['0~59 * * * * x', 'random'],
    ['0 0 L * * x', 'must be numbers'],
    ['0 0 * * 5#2 x', 'not a cron field'],
  ])('reports "%s" with the reason, and continues', (line, reason) => {
    const { entries, problems } = parseCrontab(`${line}\n@daily after`, 'user');
    expect(problems).toMatchObject([{ line: 1, text: line, taken: false, reason: expect.stringContaining(reason) }]);
    expect(entries.map(({ command }) => command)).toEqual(['after']);
  });

  it('with an unknown time zone reports the jobs below it, with the reason', () => {
    const { entries, problems } = parseCrontab('CRON_TZ=Mars/Olympus\n@daily x', 'user');
    expect(entries).toEqual([]);
    expect(problems).toMatchObject([{ line: 2, reason: expect.stringContaining('Mars/Olympus') }]);
  });

  it('warns that MAILTO sends no mail, unless it is empty', () => {
    expect(parseCrontab('MAILTO=ops\nMAILTO=""\n@daily x', 'user').problems).toMatchObject([{ line: 1, taken: true }]);
  });
});

describe('the DAGs of a crontab', () => {
  const content = 'A=1\n0 5 * * 1-5 /usr/local/bin/report --all%hello\n@daily cleanup';
  const dagsOf = (text: string): ReturnType<typeof toDags> => toDags(parseCrontab(text, 'user').entries);

  it('are valid singletons with an environment like that of cron', () => {
    const [report] = dagsOf(content).map((dag) => parseDefinition(dag));
    expect(report).toMatchObject({
      dag_id: expect.stringMatching(/^cron_report_all_[0-9a-f]{8}$/),
      schedule: { cron: '0 5 * * 1-5', timezone: 'UTC' },
      max_active_runs: 1,
      catchup: false,
      tasks: [
        { shell: { command: '/usr/local/bin/report --all', stdin: 'hello\n', env: { PATH: '/usr/bin:/bin', A: '1' } } },
      ],
    });
  });

  it('keep their ids when lines move, and when a variable above changes', () => {
    const moved = '@daily cleanup\nA=2\n\n# why\n0 5 * * 1-5 /usr/local/bin/report --all%hello';
    const ids = (text: string): string[] =>
      dagsOf(text)
        .map((dag) => dag.dag_id)
        .sort();
    expect(ids(moved)).toEqual(ids(content));
  });

  it('are two for two equal lines, because cron runs both', () => {
    const [first, second] = dagsOf('@daily x\n@daily x').map((dag) => dag.dag_id);
    expect(second).toBe(`${first}_2`);
  });
});
