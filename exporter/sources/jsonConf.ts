import type { Dialect } from './dialect.ts';
import { collectKeys, jsonPath } from './keys.ts';

/** A conf of this size would fill the exporter's memory and nobody's screen. */
const MAX_SHOWN_BYTES = 1024 * 1024;

/** conf in a JSONB column: only the wanted values leave the database, as exact text. */
export const jsonConf: Pick<Dialect, 'keyColumns' | 'keysOf' | 'confColumn' | 'parseConf'> = {
  keyColumns: (rules) =>
    rules.map((rule, at) => (rule.from === 'conf' ? `, ${valuesColumn(rule.path)} as key_${at}` : '')).join(''),
  keysOf: (row, rules) =>
    collectKeys(rules, row.run_id as string, (rule) => valuesOf(row[`key_${rules.indexOf(rule)}`]), null),
  confColumn: `case when octet_length(r.conf::text) > ${MAX_SHOWN_BYTES} then '' else r.conf::text end`,
  parseConf: (raw) => {
    if (raw === '') return { conf: null, note: 'Its conf is larger than 1 MiB and is not shown.' };
    return { conf: raw === null ? null : parseExactly(raw as string), note: null };
  },
};

function valuesColumn(path: readonly string[]): string {
  const literal = jsonPath(path).replaceAll("'", "''");
  return `(select array_agg(v #>> '{}') from jsonb_path_query(r.conf, '${literal}') v
            where jsonb_typeof(v) in ('string', 'number', 'boolean'))`;
}

function valuesOf(column: unknown): readonly string[] {
  return (column as string[] | null) ?? [];
}

/** JSON.parse rounds integers of 16 digits and more; they are kept as strings instead. */
export function parseExactly(text: string): unknown {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
  return JSON.parse(quoted);
}
