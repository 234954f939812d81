import { z } from 'zod';
import { topologicalOrder, type SerializedTask } from '../../shared/dag.ts';
import { TRIGGER_RULES } from '../../shared/states.ts';
import { scheduleProblem } from './timetable.ts';

/** How a shell task's process is made; nothing of the worker's own environment is passed on but what `inherit` names. */
export interface ShellSpec {
  command: string;
  /** Working folder; `~` is the home folder, null a fresh one that is removed afterwards. */
  cwd: string | null;
  env: Record<string, string>;
  /** Names of variables taken from the worker's environment. */
  inherit: string[];
  /** Folder of a Python virtual environment, or null. */
  virtualenv: string | null;
  /** A node_modules folder whose programs and packages are found, or null. */
  node_modules: string | null;
  /** Text on the process's standard input, or null for none. */
  stdin: string | null;
  shell: string;
}

/** A DAG run that a trigger_dag task starts; `conf` null means that a function of the task makes the runs. */
export interface TriggerSpec {
  dag_id: string;
  conf: Record<string, unknown> | null;
}

export interface SensorSpec {
  /** Seconds between two pokes; the slot is free in between. */
  poke_interval_seconds: number;
  /** Seconds after the first poke at which the sensor gives up; null for never. */
  timeout_seconds: number | null;
  /** End as skipped instead of failed when it gives up. */
  soft_fail: boolean;
}

export interface TaskDefinition extends SerializedTask {
  shell: ShellSpec | null;
  trigger: TriggerSpec | null;
  sensor: SensorSpec | null;
}

export type Schedule = { cron: string; timezone: string } | { interval_seconds: number } | { continuous: true } | null;

/** What dag_version.data holds: plain JSON, no code. */
export interface DagDefinition {
  dag_id: string;
  description: string | null;
  owner: string | null;
  tags: string[];
  lane: string;
  schedule: Schedule;
  /** First logical date, RFC 3339; null = when the DAG is first seen. */
  start_date: string | null;
  catchup: boolean;
  max_active_runs: number;
  max_active_tasks: number;
  /** Values of `conf` where a run brings none of its own. */
  params: Record<string, unknown>;
  /** Every upstream stands before its downstreams. */
  tasks: TaskDefinition[];
}

/** A DAG that can't be taken: one line for each fault, naming task and field. */
export class DefinitionError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'DefinitionError';
  }
}

const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}$/;
const id = z
  .string({ message: 'must be text' })
  .regex(ID, { message: 'must be letters, digits, _, . and -, at most 250' });
const seconds = z.number({ message: 'must be a number of seconds' }).positive({ message: 'must be above 0 seconds' });
const count = (least: number): z.ZodNumber =>
  z
    .number({ message: 'must be a whole number' })
    .int({ message: 'must be a whole number' })
    .min(least, { message: `must be ${least} or more` });
const LANE = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, { message: 'must be lower-case letters, digits, _ and -, at most 32' });
const text = z.string({ message: 'must be text' }).min(1, { message: 'must not be empty' });
const record = z.record(z.string(), z.unknown(), { message: 'must be a mapping' });

const shellSchema = z.strictObject({
  command: text,
  cwd: text.nullish().transform((v) => v ?? null),
  env: z.record(z.string(), z.coerce.string(), { message: 'must be a mapping of names to texts' }).default({}),
  inherit: z.array(z.string()).default([]),
  virtualenv: text.nullish().transform((v) => v ?? null),
  node_modules: text.nullish().transform((v) => v ?? null),
  stdin: z
    .string()
    .nullish()
    .transform((v) => v ?? null),
  shell: text.default('/bin/sh'),
});
const triggerSchema = z.strictObject({ dag_id: id, conf: record.nullable().default(null) });
const sensorSchema = z.strictObject({
  poke_interval_seconds: seconds.default(10),
  timeout_seconds: seconds.nullish().transform((v) => v ?? null),
  soft_fail: z.boolean().default(false),
});

const taskSchema = z.strictObject({
  task_id: id,
  kind: z.enum(['function', 'shell', 'sensor', 'trigger_dag']),
  upstream_task_ids: z.array(id, { message: 'must be a list of task ids' }).default([]),
  trigger_rule: z.enum(TRIGGER_RULES, { message: `must be one of ${TRIGGER_RULES.join(', ')}` }).default('all_success'),
  retries: count(0).default(0),
  retry_delay_seconds: z.number({ message: 'must be a number of seconds' }).min(0).default(60),
  retry_exponential_backoff: z.boolean({ message: 'must be true or false' }).default(false),
  max_retry_delay_seconds: seconds.nullable().default(null),
  execution_timeout_seconds: seconds.nullable().default(null),
  pool: text.optional(),
  pool_slots: count(1).default(1),
  priority_weight: count(-10_000).max(10_000, { message: 'must be 10000 or less' }).default(1),
  queue: text.optional(),
  task_group: text.nullable().default(null),
  shell: shellSchema.nullable().default(null),
  trigger: triggerSchema.nullable().default(null),
  sensor: sensorSchema.nullable().default(null),
});

const scheduleSchema = z.union(
  [
    z.strictObject({ cron: text, timezone: text.default('UTC') }),
    z.strictObject({ interval_seconds: z.number().min(1) }),
    z.strictObject({ continuous: z.literal(true) }),
  ],
  { message: 'must be a cron expression, an interval of 1 second or more, "@continuous" or nothing' },
);

const dagSchema = z.strictObject({
  dag_id: id,
  description: z.string().nullable().default(null),
  owner: z.string().nullable().default(null),
  tags: z.array(z.string(), { message: 'must be a list of texts' }).default([]),
  lane: LANE.default('default'),
  schedule: scheduleSchema.nullable().default(null),
  start_date: z.iso
    .datetime({ offset: true, message: 'must be a time such as 2026-01-31T00:00:00Z' })
    .nullable()
    .default(null),
  catchup: z.boolean({ message: 'must be true or false' }).default(false),
  max_active_runs: count(1).default(16),
  max_active_tasks: count(1).default(64),
  params: record.default({}),
  tasks: z.array(taskSchema, { message: 'must be a list of tasks' }).min(1, { message: 'must hold at least one task' }),
});

export type DagInput = z.input<typeof dagSchema>;
export type TaskInput = z.input<typeof taskSchema>;

/** Checks a definition in its stored form and fills in what was left out. Throws DefinitionError with every fault found. */
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

/** A lane's tasks go to a queue and a pool of their own, so that a flood in one lane can't fill the other's slots. */
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

/** "task "a": retries: must be 0 or more", with the task's id in place of its place in the list. */
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
    issue.code === 'unrecognized_keys' ? `knows no ${issue.keys.map((k) => `"${k}"`).join(', ')}` : issue.message;
  return [...prefix, ...(field ? [field] : []), message].join(': ');
}
