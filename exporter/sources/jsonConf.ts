import { parseJson } from '../../platform/json.ts';
import { shownConf, valuesAt } from './confValues.ts';
import type { Dialect } from './dialect.ts';
import { collectKeys, type KeyRules } from './keys.ts';

/** A larger conf would fill the exporter's memory without being useful on a screen. */
const MAX_SHOWN_BYTES = 1024 * 1024;

/** conf in a JSONB column. Only the members that rules name are read. */
export const jsonConf: Pick<Dialect, 'keyColumns' | 'keysOf' | 'confColumn' | 'parseConf'> = {
  keyColumns: (rules) => {
    const members = membersOf(rules);
    return members.length === 0 ? '' : `, ${limited(membersColumn(members))} as members`;
  },
  keysOf: (row, rules) => {
    const { conf, refused } = parsed(row.members as string | null | undefined);
    return collectKeys(rules, row.run_id as string, (rule) => valuesAt(conf, rule.path), refused);
  },
  confColumn: limited('r.conf'),
  parseConf: (raw) => {
    const { conf, refused } = parsed(raw as string | null);
    if (refused === 'too_large') return { conf: null, note: 'Its conf is larger than 1 MiB and is not shown.' };
    if (refused) return { conf: null, note: `Its conf could not be read (${refused}).` };
    return shownConf(conf);
  },
};

function membersOf(rules: KeyRules): string[] {
  return [...new Set(rules.flatMap((rule) => (rule.from === 'conf' ? [rule.path[0]!] : [])))];
}

function membersColumn(members: readonly string[]): string {
  const names = members.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  return `case jsonb_typeof(r.conf) when 'object'
    then (select jsonb_object_agg(name, r.conf -> name) from unnest(array[${names}]) as name) when 'array' then r.conf end`;
}

/** JSON as text; empty if it is too large. */
function limited(json: string): string {
  return `(select case when octet_length(json.text) > ${MAX_SHOWN_BYTES} then '' else json.text end
    from (select (${json})::text as text) json)`;
}

function parsed(text: string | null | undefined): { conf: unknown; refused: string | null } {
  if (text === null || text === undefined) return { conf: null, refused: null };
  if (text === '') return { conf: null, refused: 'too_large' };
  try {
    return { conf: parseJson(text), refused: null };
  } catch (error) {
    if (error instanceof SyntaxError) return { conf: null, refused: 'malformed' };
    throw error;
  }
}
