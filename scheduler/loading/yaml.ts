import { DefinitionError } from '../core/problems.ts';
import { parseYaml } from './yamlValue.ts';

const TASK_FIELDS = {
  shell: ['command', 'cwd', 'env', 'inherit', 'virtualenv', 'node_modules', 'stdin', 'shell'],
  trigger: ['trigger_dag_id', 'conf'],
} as const;

/**
 * Converts a YAML DAG file to the stored form, not validated yet. It has the fields of a DAG, and tasks as a list of `task_id` with
 * either `command` (and other fields of a shell task) or `trigger_dag_id`. `after` names the upstreams. Throws a DefinitionError
 * with the line of a syntax error.
 */
export function readYamlDag(text: string): unknown {
  const value = parseYaml(text);
  if (!isRecord(value)) throw new DefinitionError(['the file must contain a mapping with dag_id and tasks']);
  const { tasks, defaults = {}, timezone, ...dag } = value;
  if (!isRecord(defaults)) throw new DefinitionError(['defaults: must be a mapping of task fields']);
  if (isPresent(timezone) && (typeof dag.schedule !== 'string' || typeof timezone !== 'string'))
    throw new DefinitionError(['timezone: must be a name such as Europe/Berlin, beside a cron expression in schedule']);
  return {
    ...dag,
    schedule: schedule(dag.schedule, timezone),
    max_active_runs: dag.max_active_runs ?? (dag.schedule === '@continuous' ? 1 : undefined),
    tasks: Array.isArray(tasks)
      ? tasks.map((task) => taskInput({ ...defaults, ...(isRecord(task) ? task : {}) }))
      : tasks,
  };
}

function taskInput(fields: Record<string, unknown>): Record<string, unknown> {
  const { after, ...rest } = fields;
  const isTrigger = 'trigger_dag_id' in rest;
  // A shell task with a conf, or a trigger with a command, is refused because of an unknown field.
  const kindFields: readonly string[] = isTrigger ? TASK_FIELDS.trigger : TASK_FIELDS.shell;
  const own = Object.fromEntries(Object.entries(rest).filter(([name]) => !kindFields.includes(name)));
  const pick = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.filter((name) => name in rest).map((name) => [name, rest[name]]));
  return {
    ...own,
    upstream_task_ids: typeof after === 'string' ? [after] : after,
    kind: isTrigger ? 'trigger_dag' : 'shell',
    ...(isTrigger
      ? { trigger: { dag_id: rest.trigger_dag_id, conf: rest.conf ?? {} } }
      : { shell: pick(TASK_FIELDS.shell) }),
  };
}

function schedule(value: unknown, timezone: unknown): unknown {
  if (value === '@continuous') return { continuous: true };
  if (typeof value === 'string') return { cron: value, ...(isPresent(timezone) ? { timezone } : {}) };
  if (!isRecord(value) || !('every_seconds' in value)) return value;
  const { every_seconds: seconds, ...unknown } = value;
  return { interval_seconds: seconds, ...unknown };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
