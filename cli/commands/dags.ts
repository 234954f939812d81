import { InvalidArgumentError, type Command } from 'commander';
import { setPaused, triggerDag, unknownDag } from '../../scheduler/control.ts';
import { listDags, listImportErrors, showDag, type DagDetail } from '../../scheduler/store/inspect.ts';
import { print, printJson, withSchedulerDatabase } from '../schedulerDatabase.ts';
import { formatTable } from '../table.ts';

interface Json {
  json: boolean;
}

export function register(program: Command): void {
  const dags = program.command('dags').description('list, show, trigger, pause and unpause DAGs');
  registerList(dags);
  registerShow(dags);
  registerTrigger(dags);
  registerPause(dags);
}

function registerList(dags: Command): void {
  dags
    .command('list')
    .description('the DAGs, and the files that could not be read')
    .option('--all', 'also DAGs that are in no file any more', false)
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
            'No DAGs yet: start `runbeat scheduler` on a folder that holds some (RUNBEAT_DAGS).',
          ),
        );
        for (const error of importErrors) print(`\nCould not be read: ${error.fileloc}\n${indent(error.message)}`);
      }),
    );
}

function registerShow(dags: Command): void {
  dags
    .command('show')
    .description('a DAG with its tasks')
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
    ['DAG', `${dag.dag_id}${dag.is_stale ? ' (in no file any more)' : dag.is_paused ? ' (paused)' : ''}`],
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
  const head = facts.map(([name, value]) => `${name!.padEnd(width)}  ${value}`).join('\n');
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
    .description('start a run')
    .argument('<dag>', 'id of the DAG')
    .option('--conf <json>', 'its conf, such as \'{"user_id": 42}\'', confObject, {})
    .option('--run-id <id>', 'its id (default: manual__ and the time)')
    .option('--logical-date <time>', 'the time that it stands for, such as 2026-01-31T00:00:00Z', time)
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
        print(`Made run ${made.run_id} of ${dagId}.`);
        print(
          made.is_paused
            ? `The DAG is paused, so it waits: \`runbeat dags unpause ${dagId}\``
            : `Follow it with: runbeat runs show ${dagId} '${made.run_id}'`,
        );
      }),
    );
}

function registerPause(dags: Command): void {
  for (const [name, isPaused, effect] of [
    ['pause', true, 'start no more runs and tasks of a DAG; what runs is finished'],
    ['unpause', false, 'let a paused DAG go on'],
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
              isPaused ? `${dagId} is paused. Let it go on with: runbeat dags unpause ${dagId}` : `${dagId} is on.`,
            );
        }),
      );
  }
}

function confObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The message below says what it should be.
  }
  throw new InvalidArgumentError('It takes a JSON object, such as \'{"user_id": 42}\'.');
}

function time(text: string): Date {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('It takes a time such as 2026-01-31T00:00:00Z.');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
