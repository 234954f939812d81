const RUN_PLACEHOLDERS = ['source', 'dag_id', 'run_id'] as const;

/** What a log query may name of a try of a task. */
export const LOG_PLACEHOLDERS = [
  ...RUN_PLACEHOLDERS,
  'task_id',
  'map_index',
  'try_number',
  'start_date',
  'end_date',
] as const;

/** What a trace query may name of a run or a task. */
export const TRACE_PLACEHOLDERS = ['trace_id', ...RUN_PLACEHOLDERS] as const;

export const EXAMPLE_LOG_QUERY =
  '{job="airflow"} | json | dag_id="${dag_id}" | run_id="${run_id}" | task_id="${task_id}" | try_number="${try_number}"';

/** What Tempo, Jaeger and Zipkin find a trace by. */
export const DEFAULT_TRACE_QUERY = '${trace_id}';

const REFERENCE = /\$\{([^}]*)\}/g;

/** `${a} ${b}`, for people. */
export function placeholderList(names: readonly string[], separator = ' '): string {
  return names.map((name) => `\${${name}}`).join(separator);
}

/** What is wrong with a template, in words that name it; null for one that can be used, and for none. */
export function templateProblem(template: string, placeholders: readonly string[]): string | null {
  if (template.trim() === '') return null;
  const named = [...template.matchAll(REFERENCE)].map(([, name]) => name!);
  const unknown = [...new Set(named.filter((name) => !placeholders.includes(name)))];
  if (unknown.length === 0) return null;
  return `Unknown placeholder ${placeholderList(unknown, ', ')}. Valid placeholders: ${placeholderList(placeholders, ', ')}.`;
}

/**
 * The query with what it names filled in. Values are escaped as inside of double quotes, which is where LogQL and Lucene
 * take them: a run id is any text that a user likes.
 */
export function fillTemplate<Placeholder extends string>(
  template: string,
  values: Record<Placeholder, string | number | null>,
): string {
  return template.replace(REFERENCE, (reference, name: string) =>
    name in values ? JSON.stringify(String(values[name as Placeholder] ?? '')).slice(1, -1) : reference,
  );
}
