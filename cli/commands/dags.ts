import { InvalidArgumentError, type Command } from 'commander';
import { setPaused, triggerDag, unknownDag } from '../../scheduler/control.ts';
import { timeOf } from '../../scheduler/core/storable.ts';
import { listDags, listImportErrors, showDag, type DagDetail } from '../../scheduler/store/inspect.ts';
import { parseJson } from '../../platform/json.ts';
import { oneLine, pasteable } from '../../platform/terminal.ts';
import { print, printJson } from '../output.ts';
import { withSchedulerDatabase } from '../schedulerDatabase.ts';
import { formatTable } from '../table.ts';

interface Json {
  json: boolean;
}

export function register(program: Command): void {
  const dags = program.command('dags').description('List, show, trigger, pause and unpause DAGs');
  registerList(dags);
  registerShow(dags);
  registerTrigger(dags);
  registerPause(dags);
}

function registerList(dags: Command): void {
  dags
    .command('list')
    .description('List the DAGs, and the files that could not be imported')
    .option('--all', 'include DAGs whose file is gone', false)
    .option('--json', 'print JSON', false)
    .action(({ all, json }: Json & { all: boolean }) =>
      withSchedulerDatabase(async (pool) => {
        const [rows, importErrors] = [await listDags(pool, all), await listImportErrors(pool)];
        if (json) return printJson({ dags: rows, import_errors: importErrors });
        const header = ['DAG', 'LANE', 'STATE', 'SCHEDULE', 'NEXT RUN', 'ACTIVE RUNS', 'FILE'];
        const cells = rows.map((dag) => [
          dag.dag_id,
          dag.lane,
          dag.is_stale ? 'gone' : dag.is_paused ? 'paused' : 'on',
          dag.schedule,
          dag.is_paused ? null : dag.next_run,
          dag.runs_active,
          dag.fileloc,
        ]);
        print(
          formatTable(
            header,
            cells,
            'No DAGs yet: start `runbeat scheduler` with a folder that contains some (RUNBEAT_DAGS).',
          ),
        );
        for (const error of importErrors)
          print(`\nCould not be imported: ${oneLine(error.fileloc)}\n${indent(error.message)}`);
      }),
    );
}

function registerShow(dags: Command): void {
  dags
    .command('show')
    .description('Show a DAG and its tasks')
    .argument('<dag>', 'id of the DAG')
    .option('--json', 'print JSON', false)
    .action((dagId: string, { json }: Json) =>
      withSchedulerDatabase(async (pool) => {
        const dag = await showDag(pool, dagId);
        if (!dag) throw await unknownDag(pool, dagId);
        if (json) printJson(dag);
        else print(describe(dag));
      }),
    );
}

function describe(dag: DagDetail): string {
  const { definition } = dag;
  const facts = [
    ['DAG', `${dag.dag_id}${dag.is_stale ? ' (its file is gone)' : dag.is_paused ? ' (paused)' : ''}`],
    ['description', definition.description],
    ['file', `${dag.fileloc}, version ${dag.version_number}`],
    ['owner', dag.owner],
    ['tags', dag.tags.join(', ') || null],
    ['lane', dag.lane],
    ['schedule', dag.schedule],
    ['next run', dag.is_paused ? null : dag.next_run?.toISOString()],
    ['limits', `${definition.max_active_runs} runs, ${definition.max_active_tasks} tasks at once`],
  ].filter(([, value]) => value !== null && value !== undefined);
  const rows = definition.tasks.map((task) => [
    task.task_id,
    task.kind,
    task.upstream_task_ids.join(', ') || null,
    task.trigger_rule,
    task.retries,
    task.pool,
    task.queue,
  ]);
  const width = Math.max(...facts.map(([name]) => name!.length));
  const head = facts.map(([name, value]) => `${name!.padEnd(width)}  ${oneLine(String(value))}`).join('\n');
  return `${head}\n\n${formatTable(['TASK', 'KIND', 'AFTER', 'TRIGGER RULE', 'RETRIES', 'POOL', 'QUEUE'], rows, 'no tasks')}`;
}

interface TriggerOptions extends Json {
  conf: Record<string, unknown>;
  runId?: string;
  logicalDate?: Date;
}

function registerTrigger(dags: Command): void {
  dags
    .command('trigger')
    .description('Start a run')
    .argument('<dag>', 'id of the DAG')
    .option('--conf <json>', 'conf of the run, such as \'{"user_id": 42}\'', confObject, {})
    .option('--run-id <id>', 'id of the run (default: manual__ and the time)')
    .option('--logical-date <time>', 'logical date of the run, such as 2026-01-31T00:00:00Z', time)
    .option('--json', 'print JSON', false)
    .action((dagId: string, options: TriggerOptions) =>
      withSchedulerDatabase(async (pool) => {
        const made = await triggerDag(pool, {
          dagId,
          runId: options.runId ?? null,
          logicalDate: options.logicalDate ?? null,
          conf: options.conf,
          triggeredBy: 'cli',
        });
        if (options.json) return printJson({ dag_id: dagId, ...made });
        print(`Created run ${oneLine(made.run_id)} of ${dagId}.`);
        print(
          made.is_paused
            ? `The DAG is paused, so the run waits. Resume the DAG with: ${pasteable('runbeat dags unpause', dagId)}`
            : `Follow it with: ${pasteable('runbeat runs show', dagId, made.run_id)}`,
        );
      }),
    );
}

function registerPause(dags: Command): void {
  for (const [name, isPaused, effect] of [
    ['pause', true, 'Start no more runs and tasks of a DAG; running tasks finish'],
    ['unpause', false, 'Resume a paused DAG'],
  ] as const) {
    dags
      .command(name)
      .description(effect)
      .argument('<dag>', 'id of the DAG')
      .option('--json', 'print JSON', false)
      .action((dagId: string, { json }: Json) =>
        withSchedulerDatabase(async (pool) => {
          await setPaused(pool, dagId, isPaused);
          if (json) printJson({ dag_id: dagId, is_paused: isPaused });
          else
            print(
              isPaused
                ? `${dagId} is paused. Resume it with: ${pasteable('runbeat dags unpause', dagId)}`
                : `${dagId} is no longer paused.`,
            );
        }),
      );
  }
}

function confObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new InvalidArgumentError(
      `It must be a JSON object, such as '{"user_id": 42}' (${(error as Error).message}).`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"user_id": 42}\'.');
}

function time(text: string): Date {
  const date = timeOf(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T00:00:00Z.');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
