import type { RunKeys } from './rows.ts';

/** Where a business key is read from. */
export type KeyRule =
  | { key: string; from: 'conf'; path: readonly string[]; text: string }
  | { key: string; from: 'run_id'; pattern: RegExp; text: string };
export type KeyRules = readonly KeyRule[];

const MAX_VALUE_LENGTH = 512;
const MAX_VALUES_PER_KEY = 100;
const KEY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/;

/**
 * Reads `user_id=conf.user_id,order=run_id:order-(\d+)`. A comma ends a rule only where `name=` follows, so that patterns
 * may hold commas. Returns the rules and what is wrong with the others, in words.
 */
export function parseKeyRules(text: string): { rules: KeyRule[]; problems: string[] } {
  const rules: KeyRule[] = [];
  const problems: string[] = [];
  for (const part of text.split(/,(?=\s*[a-zA-Z_]\w*\s*=)/).map((piece) => piece.trim())) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const rule = at < 0 ? `"${part}" has no "="` : parseKeyRule(part.slice(0, at).trim(), part.slice(at + 1).trim());
    if (typeof rule === 'string') problems.push(rule);
    else if (rules.some((other) => other.key === rule.key)) problems.push(`key "${rule.key}" is given twice`);
    else rules.push(rule);
  }
  return { rules, problems };
}

/** One rule, or what is wrong with it. */
export function parseKeyRule(key: string, text: string): KeyRule | string {
  if (!KEY_NAME.test(key)) return `"${key}" is no name for a key: letters, digits and _ only`;
  if (text.startsWith('conf.')) {
    const path = text.slice('conf.'.length).split('.');
    if (path.every((step) => step !== '')) return { key, from: 'conf', path, text };
    return `key "${key}": "${text}" must be a path such as conf.user_id or conf.application.id`;
  }
  if (!text.startsWith('run_id:')) return `key "${key}": "${text}" must start with "conf." or "run_id:"`;
  return parsePattern(key, text);
}

function parsePattern(key: string, text: string): KeyRule | string {
  try {
    const pattern = new RegExp(text.slice('run_id:'.length));
    const groups = new RegExp(`${pattern.source}|`).exec('')!.length - 1;
    if (groups !== 1) return `key "${key}": the pattern must have one group (…) that holds the value, not ${groups}`;
    return { key, from: 'run_id', pattern, text };
  } catch (error) {
    return `key "${key}": ${(error as Error).message}`;
  }
}

/** SQL/JSON path that yields the values of a rule, arrays unwrapped on the way (lax mode). */
export function jsonPath(path: readonly string[]): string {
  return `lax $${path.map((step) => `.${JSON.stringify(step)}`).join('')}[*]`;
}

/** The same walk as `jsonPath` over a decoded value: members of arrays are followed, scalars are the values. */
export function valuesAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [step, ...rest] = path;
  if (step === undefined) return isScalar(value) ? [String(value)] : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return valuesAt((value as Record<string, unknown>)[step], rest);
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

/** Business keys of a run from the values that its conf gave, and from its run_id. */
export function collectKeys(
  rules: KeyRules,
  runId: string,
  confValues: (rule: KeyRule & { from: 'conf' }) => readonly string[],
  refused: string | null,
): RunKeys {
  const keys: Record<string, string[]> = {};
  for (const rule of rules) {
    const found = rule.from === 'conf' ? confValues(rule) : (rule.pattern.exec(runId)?.slice(1) ?? []);
    if (found.length === 0) continue;
    const values = found.length === 1 ? found.filter(isUsable) : [...new Set(found)].filter(isUsable);
    if (values.length > 0) keys[rule.key] = values.slice(0, MAX_VALUES_PER_KEY);
  }
  return { keys, refused };
}

function isUsable(value: string | undefined): boolean {
  return Boolean(value) && value!.length <= MAX_VALUE_LENGTH && !value!.includes('\0');
}
