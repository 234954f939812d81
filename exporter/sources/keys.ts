import { RE2JS, RE2JSSyntaxException } from 're2js';
import { MAX_CONF_DEPTH } from './confValues.ts';
import { canMatch } from './patternReach.ts';
import type { RunKeys } from './rows.ts';

/** Where a business key is read from. */
export type KeyRule =
  | { key: string; from: 'conf'; path: readonly string[]; text: string }
  | { key: string; from: 'run_id'; pattern: RE2JS; text: string };
export type KeyRules = readonly KeyRule[];

const MAX_VALUE_LENGTH = 512;
const MAX_VALUES_PER_KEY = 100;
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const KEY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/;

/**
 * Parses `user_id=conf.user_id,order=run_id:order-(\d+)`. A comma only ends a rule if `name=` follows, so patterns may contain
 * commas. Returns the valid rules, and a description of each problem.
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

/** Parses one rule. Returns what is wrong if it can't. */
export function parseKeyRule(key: string, text: string): KeyRule | string {
  if (!KEY_NAME.test(key)) return `"${key}" is not a valid name of a key: use letters, digits and _ only`;
  if (text.startsWith('conf.')) return parsePath(key, text);
  if (!text.startsWith('run_id:')) return `key "${key}": "${text}" must start with "conf." or "run_id:"`;
  return parsePattern(key, text);
}

/** Lists need no index or wildcard in the path: these would be taken for names, and never match. */
function parsePath(key: string, text: string): KeyRule | string {
  const path = text.slice('conf.'.length).split('.');
  const odd = path.find(
    (step) => step === '' || step !== step.trim() || UNSTORABLE.test(step) || /[[\]*$?"']/.test(step),
  );
  if (odd === undefined && path.length <= MAX_CONF_DEPTH) return { key, from: 'conf', path, text };
  const why =
    odd === undefined ? `has more than ${MAX_CONF_DEPTH} steps` : `can't match ("${odd}" is not the name of a member)`;
  return `key "${key}": "${text}" ${why}; it must be a path such as conf.user_id or conf.users.id, which finds every user of a list`;
}

function parsePattern(key: string, text: string): KeyRule | string {
  try {
    const pattern = RE2JS.compile(text.slice('run_id:'.length));
    const groups = pattern.groupCount();
    if (groups !== 1) return `key "${key}": the pattern must have one group (…) for the value, not ${groups}`;
    if (!canMatch(pattern)) return `key "${key}": the pattern ${pattern.pattern()} can't match any run_id`;
    return { key, from: 'run_id', pattern, text };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return `key "${key}": the pattern is not valid in RE2 (${error.message}), which has no lookarounds or backreferences`;
  }
}

const NOTHING_LEFT_OUT: RunKeys['leftOut'] = [];

/** Business keys of a run, from the values in its conf (null for a value that can't be looked up) and from its run_id. */
export function collectKeys(
  rules: KeyRules,
  runId: string,
  confValues: (rule: KeyRule & { from: 'conf' }) => readonly (string | null)[],
  refused: string | null,
): RunKeys {
  const keys: Record<string, string[]> = {};
  let leftOut = NOTHING_LEFT_OUT;
  for (const rule of rules) {
    const found = rule.from === 'conf' ? confValues(rule) : matched(rule.pattern, runId);
    if (found.length === 0) continue;
    const values = (found.length === 1 ? found : [...new Set(found)]).filter(isUsable);
    if (values.length > 0) keys[rule.key] = values.slice(0, MAX_VALUES_PER_KEY);
    const beyondLimit = lossesOf(rule.key, found, values.length - MAX_VALUES_PER_KEY);
    if (beyondLimit.length > 0) leftOut = [...leftOut, ...beyondLimit];
  }
  return { keys, refused, leftOut };
}

function matched(pattern: RE2JS, runId: string): string[] {
  const matcher = pattern.matcher(runId);
  const value = matcher.find() ? matcher.group(1) : null;
  return value === null ? [] : [value];
}

function isUsable(value: string | null): value is string {
  return Boolean(value) && value!.length <= MAX_VALUE_LENGTH && isStorable(value!);
}

/** PostgreSQL can't store a NUL or half a surrogate pair. */
function isStorable(value: string): boolean {
  return !UNSTORABLE.test(value);
}

function lossesOf(key: string, found: readonly (string | null)[], beyond: number): RunKeys['leftOut'] {
  const tooLong = found.filter((value) => value !== null && value.length > MAX_VALUE_LENGTH).length;
  const unreadable = found.filter(
    (value) => value === null || (value.length <= MAX_VALUE_LENGTH && !isStorable(value)),
  );
  const losses = [
    { key, reason: 'too_many', count: beyond },
    { key, reason: 'too_long', count: tooLong },
    { key, reason: 'unreadable', count: unreadable.length },
  ] as const;
  return losses.filter(({ count }) => count > 0);
}

/** Notes for the run's page about values that can't be looked up. */
export function leftOutNotes(leftOut: RunKeys['leftOut']): string[] {
  const WHY = {
    too_many: `beyond the first ${MAX_VALUES_PER_KEY}`,
    too_long: `longer than ${MAX_VALUE_LENGTH} characters`,
    unreadable: 'not a text or number that can be stored',
  };
  return leftOut.map(
    ({ key, reason, count }) =>
      `The run can't be looked up by ${count === 1 ? 'one value' : `${count} values`} of "${key}": ${WHY[reason]}.`,
  );
}
