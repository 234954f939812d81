import { parseDocument } from 'yaml';
import { DefinitionError } from '../core/definition.ts';

const TASK_FIELDS = {
  shell: ['command', 'cwd', 'env', 'inherit', 'virtualenv', 'node_modules', 'stdin', 'shell'],
  trigger: ['trigger_dag_id', 'conf'],
} as const;

/**
 * A YAML DAG file in the stored form, unchecked: the fields of a DAG, and tasks as a list of `task_id` with either
 * `command` (and what else a shell has) or `trigger_dag_id`. `after` names the upstreams. Throws DefinitionError with the
 * line of a syntax error.
 */
export function readYamlDag(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0)
    throw new DefinitionError(document.errors.map((error) => error.message.split('\n\n')[0]!));
  const value: unknown = document.toJS();
  if (!isRecord(value)) throw new DefinitionError(['the file must hold a mapping with dag_id and tasks']);
  const { tasks, defaults, timezone, ...dag } = value;
  const common = isRecord(defaults) ? defaults : {};
  return {
    ...dag,
    schedule: schedule(dag.schedule, timezone),
    start_date: dag.start_date instanceof Date ? dag.start_date.toISOString() : dag.start_date,
    max_active_runs: dag.max_active_runs ?? (dag.schedule === '@continuous' ? 1 : undefined),
    tasks: Array.isArray(tasks)
      ? tasks.map((task) => taskInput({ ...common, ...(isRecord(task) ? task : {}) }))
      : tasks,
  };
}

function taskInput(fields: Record<string, unknown>): Record<string, unknown> {
  const { after, ...rest } = fields;
  const isTrigger = 'trigger_dag_id' in rest;
  const own = Object.fromEntries(
    Object.entries(rest).filter(
      ([name]) => ![...TASK_FIELDS.shell, ...TASK_FIELDS.trigger].includes(name as 'command'),
    ),
  );
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
  if (typeof value === 'string') return { cron: value, ...(timezone === undefined ? {} : { timezone }) };
  if (isRecord(value) && 'every_seconds' in value) return { interval_seconds: value.every_seconds };
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
