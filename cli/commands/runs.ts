import { Option, type Command } from 'commander';
import { DAG_RUN_STATES } from '../../shared/states.ts';
import { rerunTasks, unknownRun } from '../../scheduler/control.ts';
import { listRuns, readLogs, showRun, type RunDetail } from '../../scheduler/store/inspect.ts';
import { UserError } from '../../platform/errors.ts';
import { stringifyJson } from '../../platform/json.ts';
import { oneLine, pasteable } from '../../platform/terminal.ts';
import { print, printJson } from '../output.ts';
import { withSchedulerDatabase } from '../schedulerDatabase.ts';
import { formatTable } from '../table.ts';
import { wholeNumber } from '../wholeNumber.ts';

interface Json {
  json: boolean;
}

export function register(program: Command): void {
  const runs = program.command('runs').description('List and show runs, read their logs, run failed tasks again');
  registerList(runs);
  registerShow(runs);
  registerLogs(runs);
  registerRetry(runs);
}

function registerList(runs: Command): void {
  runs
    .command('list')
    .description('List runs, newest first, including archived ones')
    .option('--dag <id>', 'only runs of this DAG')
    .addOption(new Option('--state <state>', 'only runs in this state').choices(DAG_RUN_STATES))
    .option('--limit <n>', 'maximum number of runs', wholeNumber(10_000), 20)
    .option('--json', 'print JSON', false)
    .action((options: Json & { dag?: string; state?: string; limit: number }) =>
      withSchedulerDatabase(async (pool) => {
        const filter = { dagId: options.dag ?? null, state: options.state ?? null, limit: options.limit };
        const rows = await listRuns(pool, filter);
        if (options.json) return printJson(rows);
        const header = ['DAG', 'RUN', 'STATE', 'QUEUED AT', 'DURATION', 'CONF'];
        const cells = rows.map((run) => [
          run.dag_id,
          run.run_id,
          run.archived ? `${run.state} (archived)` : run.state,
          run.queued_at,
          duration(run.start_date, run.end_date),
          stringifyJson(run.conf),
        ]);
        print(formatTable(header, cells, 'No runs.'));
      }),
    );
}

function registerShow(runs: Command): void {
  runs
    .command('show')
    .description('Show a run, its tasks and their earlier tries')
    .argument('<dag>', 'id of the DAG')
    .argument('<run>', 'id of the run')
    .option('--json', 'print JSON', false)
    .action((dagId: string, runId: string, { json }: Json) =>
      withSchedulerDatabase(async (pool) => {
        const run = await showRun(pool, dagId, runId);
        if (!run) throw await unknownRun(pool, dagId, runId);
        if (json) printJson(run);
        else print(describe(run));
      }),
    );
}

function describe(run: RunDetail): string {
  const rows = run.tasks.flatMap((task) => [
    ...task.earlier_attempts.map((attempt) => [
      task.task_id,
      `${attempt.state} (earlier)`,
      attempt.try_number,
      date(attempt.start_date),
      duration(date(attempt.start_date), date(attempt.end_date)),
      null,
    ]),
    [
      task.task_id,
      task.state ?? 'waiting',
      task.try_number,
      task.start_date,
      duration(task.start_date, task.end_date),
      task.hostname,
    ],
  ]);
  const table = formatTable(
    ['TASK', 'STATE', 'TRY', 'STARTED', 'DURATION', 'HOST'],
    rows,
    'Its tasks are created when it starts.',
  );
  const failed = run.tasks.find((task) => task.state === 'failed');
  const next =
    failed && !run.archived
      ? `\n\nWhy: ${pasteable('runbeat runs logs', run.dag_id, run.run_id, failed.task_id)}\nAgain: ${pasteable('runbeat runs retry', run.dag_id, run.run_id)}`
      : '';
  const took = duration(run.start_date, run.end_date);
  const reason = run.failure_reason ? `\n${oneLine(run.failure_reason)}` : '';
  const name = `${run.dag_id} ${oneLine(run.run_id)}`;
  return `${name}: ${run.state}${took ? ` after ${took}` : ''}\nconf ${oneLine(stringifyJson(run.conf))}${reason}\n\n${table}${next}`;
}

function registerLogs(runs: Command): void {
  runs
    .command('logs')
    .description('Show the output of a task, try by try')
    .argument('<dag>', 'id of the DAG')
    .argument('<run>', 'id of the run')
    .argument('<task>', 'id of the task')
    .option('--try <n>', 'only this try', wholeNumber(10_000))
    .option('--json', 'print JSON', false)
    .action((dagId: string, runId: string, taskId: string, options: Json & { try?: number }) =>
      withSchedulerDatabase(async (pool) => {
        const run = await showRun(pool, dagId, runId);
        if (!run) throw await unknownRun(pool, dagId, runId);
        if (!run.tasks.some((task) => task.task_id === taskId)) {
          throw new UserError(
            `the run has no task "${taskId}"`,
            `Its tasks: ${run.tasks.map((task) => task.task_id).join(', ')}.`,
          );
        }
        const logs = await readLogs(pool, { dagId, runId }, taskId, options.try ?? null);
        if (options.json) return printJson(logs);
        if (logs.length === 0) print('The task has written no output.');
        for (const log of logs) print(`--- ${taskId}, try ${log.try_number} ---\n${log.content.trimEnd()}`);
      }),
    );
}

function registerRetry(runs: Command): void {
  runs
    .command('retry')
    .description('Run failed tasks of a run again; earlier tries are kept')
    .argument('<dag>', 'id of the DAG')
    .argument('<run>', 'id of the run')
    .option('--task <id>', 'only this task, even if it has not failed (default: all failed tasks)')
    .option('--downstream', 'also all tasks downstream of them', false)
    .option('--json', 'print JSON', false)
    .action((dagId: string, runId: string, options: Json & { task?: string; downstream: boolean }) =>
      withSchedulerDatabase(async (pool) => {
        const request = { taskId: options.task ?? null, downstream: options.downstream };
        const taskIds = await rerunTasks(pool, dagId, runId, request);
        if (options.json) return printJson({ dag_id: dagId, run_id: runId, task_ids: taskIds });
        print(`Running again: ${taskIds.join(', ')}.\nFollow it with: ${pasteable('runbeat runs show', dagId, runId)}`);
      }),
    );
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function duration(start: Date | null, end: Date | null): string | null {
  if (!start) return null;
  const seconds = ((end ?? new Date()).getTime() - start.getTime()) / 1000;
  return end ? `${seconds.toFixed(3)} s` : `${seconds.toFixed(0)} s so far`;
}
