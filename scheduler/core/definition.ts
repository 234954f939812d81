import { z } from 'zod';
import { topologicalOrder, type SerializedTask } from '../../shared/dag.ts';
import { TRIGGER_RULES } from '../../shared/states.ts';
import { anyText, conf, count, delay, flag, id, lane, name, seconds, text, time, variable } from './fields.ts';
import { DefinitionError } from './problems.ts';
import { scheduleProblem, type Schedule } from './timetable.ts';

/** How to start the process of a shell task. It gets only those variables of the worker's environment that `inherit` names. */
export interface ShellSpec {
  command: string;
  /** Working folder; `~` is the home folder, null a new one that is removed afterwards. */
  cwd: string | null;
  env: Record<string, string>;
  /** Names of variables to copy from the worker's environment. */
  inherit: string[];
  /** Folder of a Python virtual environment, or null. */
  virtualenv: string | null;
  /** A node_modules folder whose programs and packages the command can use, or null. */
  node_modules: string | null;
  /** Standard input of the process, or null for none. */
  stdin: string | null;
  shell: string;
}

/** A DAG run that a trigger_dag task starts. If `conf` is null, a function of the task returns the runs. */
export interface TriggerSpec {
  dag_id: string;
  conf: Record<string, unknown> | null;
}

export interface SensorSpec {
  /** Seconds between two pokes; the slot is free in between. */
  poke_interval_seconds: number;
  /** Seconds after the first poke after which the sensor gives up; null for never. */
  timeout_seconds: number | null;
  /** Whether the sensor ends as skipped instead of failed when it gives up. */
  soft_fail: boolean;
}

export interface TaskDefinition extends SerializedTask {
  shell: ShellSpec | null;
  trigger: TriggerSpec | null;
  sensor: SensorSpec | null;
}

/** Contents of dag_version.data: plain JSON, no code. */
export interface DagDefinition {
  dag_id: string;
  description: string | null;
  owner: string | null;
  tags: string[];
  lane: string;
  schedule: Schedule;
  /** First logical date, RFC 3339; null means when the DAG is first seen. */
  start_date: string | null;
  catchup: boolean;
  max_active_runs: number;
  max_active_tasks: number;
  /** Default values of `conf`. */
  params: Record<string, unknown>;
  /** Upstreams come before their downstreams. */
  tasks: TaskDefinition[];
}

/** Linux limits the length of an argument or variable of a new process to 128 KiB. */
const LONGEST_ARGUMENT = 100_000;
const LONGEST_STDIN = 1024 * 1024;
const MOST_TASKS = 10_000;
const path = text(4_000);
const variableName = text(1_000).regex(/^[^=]*$/, { message: 'must not contain =' });

const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? null);

const shellSchema = z.strictObject({
  command: anyText(LONGEST_ARGUMENT),
  cwd: orNull(path),
  env: z
    .record(variableName, variable(LONGEST_ARGUMENT), { message: 'must be a mapping of names to texts' })
    .default({}),
  inherit: z.array(variableName, { message: 'must be a list of names' }).default([]),
  virtualenv: orNull(path),
  node_modules: orNull(path),
  stdin: orNull(anyText(LONGEST_STDIN)),
  shell: path.default('/bin/sh'),
});
const triggerSchema = z.strictObject({ dag_id: id, conf: conf.nullable().default(null) });
const sensorSchema = z.strictObject({
  poke_interval_seconds: seconds.default(10),
  timeout_seconds: orNull(seconds),
  soft_fail: flag.default(false),
});

const taskSchema = z.strictObject({
  task_id: id,
  kind: z.enum(['function', 'shell', 'sensor', 'trigger_dag']),
  upstream_task_ids: z.array(id, { message: 'must be a list of task ids' }).default([]),
  trigger_rule: z.enum(TRIGGER_RULES, { message: `must be one of ${TRIGGER_RULES.join(', ')}` }).default('all_success'),
  retries: count(0).default(0),
  retry_delay_seconds: delay.default(60),
  retry_exponential_backoff: flag.default(false),
  max_retry_delay_seconds: seconds.nullable().default(null),
  execution_timeout_seconds: seconds.nullable().default(null),
  pool: name.optional(),
  pool_slots: count(1).default(1),
  priority_weight: count(-10_000, 10_000).default(1),
  queue: name.optional(),
  task_group: text(1_000).nullable().default(null),
  shell: shellSchema.nullable().default(null),
  trigger: triggerSchema.nullable().default(null),
  sensor: sensorSchema.nullable().default(null),
});

const scheduleSchema = z.union(
  [
    z.strictObject({ cron: text(1_000), timezone: name.default('UTC') }),
    z.strictObject({ interval_seconds: seconds.min(1) }),
    z.strictObject({ continuous: z.literal(true) }),
  ],
  { message: 'must be a cron expression, an interval from 1 second to a century, "@continuous" or nothing' },
);

const dagSchema = z.strictObject({
  dag_id: id,
  description: anyText(100_000).nullable().default(null),
  owner: anyText(1_000).nullable().default(null),
  tags: z
    .array(anyText(1_000), { message: 'must be a list of texts' })
    .max(1_000, { message: 'must be at most 1000' })
    .default([]),
  lane: lane.default('default'),
  schedule: scheduleSchema.nullable().default(null),
  start_date: time.nullable().default(null),
  catchup: flag.default(false),
  max_active_runs: count(1).default(16),
  max_active_tasks: count(1).default(64),
  params: conf.default({}),
  tasks: z
    .array(taskSchema, { message: 'must be a list of tasks' })
    .min(1, { message: 'must contain at least one task' })
    .max(MOST_TASKS, { message: `must be at most ${MOST_TASKS}` }),
});

export type DagInput = z.input<typeof dagSchema>;
export type TaskInput = z.input<typeof taskSchema>;

/** Validates a definition in its stored form and fills in defaults. Throws a DefinitionError with all problems. */
export function parseDefinition(input: unknown): DagDefinition {
  const result = dagSchema.safeParse(input);
  if (!result.success) throw new DefinitionError(result.error.issues.map((issue) => describeIssue(issue, input)));
  const problems = [
    ...graphProblems(result.data.tasks),
    ...taskProblems(result.data.tasks),
    ...scheduleProblems(result.data),
  ];
  if (problems.length > 0) throw new DefinitionError(problems);
  return complete(result.data);
}

export function defaultPool(lane: string): string {
  return lane === 'default' ? 'default_pool' : `${lane}_pool`;
}

/** Fills in defaults. A lane has its own queue and pool, so that a flood in one lane can't take the slots of another. */
function complete(dag: z.output<typeof dagSchema>): DagDefinition {
  const byId = new Map(dag.tasks.map((task) => [task.task_id, task]));
  const { order } = topologicalOrder(dag.tasks);
  const tasks = order.map((taskId): TaskDefinition => {
    const task = byId.get(taskId)!;
    return { ...task, pool: task.pool ?? defaultPool(dag.lane), queue: task.queue ?? dag.lane };
  });
  return { ...dag, tasks };
}

function graphProblems(tasks: z.output<typeof taskSchema>[]): string[] {
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const { task_id: taskId } of tasks) {
    if (ids.has(taskId)) problems.push(`task "${taskId}": task_id: is used twice`);
    ids.add(taskId);
  }
  for (const task of tasks) {
    for (const upstream of task.upstream_task_ids) {
      if (!ids.has(upstream))
        problems.push(`task "${task.task_id}": upstream_task_ids: there is no task "${upstream}"`);
    }
  }
  if (problems.length > 0) return problems;
  const { cycle } = topologicalOrder(tasks);
  return cycle
    ? [`task "${cycle[0]}": upstream_task_ids: the tasks wait for each other: ${[...cycle, cycle[0]].join(' → ')}`]
    : [];
}

const NEEDS = { shell: 'shell', sensor: 'sensor', trigger_dag: 'trigger' } as const;

function taskProblems(tasks: z.output<typeof taskSchema>[]): string[] {
  return tasks.flatMap((task) => {
    const needed = task.kind === 'function' ? null : NEEDS[task.kind];
    return needed && !task[needed] ? [`task "${task.task_id}": ${needed}: is missing for a ${task.kind} task`] : [];
  });
}

function scheduleProblems(dag: z.output<typeof dagSchema>): string[] {
  const problem = scheduleProblem(dag.schedule);
  if (problem) return [`schedule: ${problem}`];
  const continuous = dag.schedule !== null && 'continuous' in dag.schedule;
  return continuous && dag.max_active_runs !== 1 ? ['max_active_runs: must be 1 for a continuous schedule'] : [];
}

/** Describes a problem, e.g. `task "a": retries: must be 0 or more`, with the id of the task instead of its index. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const path = [...issue.path];
  const prefix = [];
  if (path[0] === 'tasks' && typeof path[1] === 'number') {
    const tasks = (input as { tasks: { task_id?: unknown }[] }).tasks;
    const taskId = tasks[path[1]]?.task_id;
    prefix.push(typeof taskId === 'string' ? `task "${taskId}"` : `task number ${path[1] + 1}`);
    path.splice(0, 2);
  }
  const field = path.map(String).join('.');
  const message =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `unknown field "${key}"`).join(', ') : issue.message;
  return [...prefix, ...(field ? [field] : []), message].join(': ');
}
