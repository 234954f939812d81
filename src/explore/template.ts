const RUN_PLACEHOLDERS = ['source', 'dag_id', 'run_id'] as const;

/** Placeholders of a log query. */
export const LOG_PLACEHOLDERS = [
  ...RUN_PLACEHOLDERS,
  'task_id',
  'map_index',
  'try_number',
  'start_date',
  'end_date',
] as const;

/** Placeholders of a trace query. */
export const TRACE_PLACEHOLDERS = ['trace_id', ...RUN_PLACEHOLDERS] as const;

export const EXAMPLE_LOG_QUERY =
  '{job="airflow"} | json | dag_id="${dag_id}" | run_id="${run_id}" | task_id="${task_id}" | try_number="${try_number}"';

/** The trace query of Tempo, Jaeger and Zipkin. */
export const DEFAULT_TRACE_QUERY = '${trace_id}';

const REFERENCE = /\$\{([^}]*)\}/g;

/** A list of placeholders as text: `${a} ${b}`. */
export function placeholderList(names: readonly string[], separator = ' '): string {
  return names.map((name) => `\${${name}}`).join(separator);
}

/** What is wrong with a template; null if it is valid or empty. */
export function templateProblem(template: string, placeholders: readonly string[]): string | null {
  if (template.trim() === '') return null;
  const named = [...template.matchAll(REFERENCE)].map(([, name]) => name!);
  const unknown = [...new Set(named.filter((name) => !placeholders.includes(name)))];
  if (unknown.length === 0) return null;
  return `Unknown placeholder ${placeholderList(unknown, ', ')}. Valid placeholders: ${placeholderList(placeholders, ', ')}.`;
}

/**
 * Fills in the placeholders of a query. Values are escaped as inside double quotes, as LogQL and Lucene expect, because a run id may
 * contain any text.
 */
export function fillTemplate<Placeholder extends string>(
  template: string,
  values: Record<Placeholder, string | number | null>,
): string {
  return template.replace(REFERENCE, (reference, name: string) =>
    name in values ? JSON.stringify(String(values[name as Placeholder] ?? '')).slice(1, -1) : reference,
  );
}
