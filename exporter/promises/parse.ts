import { PROMISE_KINDS, type PromiseKind } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';
import { parseDuration, parseShare, writeDuration } from './amounts.ts';
import { isTimeZone } from './calendar.ts';
import { parseDays } from './days.ts';
import { didYouMean, whatThereIs } from './nearest.ts';
import type { ParseContext, Report } from './parseContext.ts';
import { parseJourney } from './parseJourney.ts';
import { isObject, parseDags, type Given } from './parseSelectors.ts';
import type { PromiseRule } from './rules.ts';
import { writtenText } from './writtenText.ts';

export interface ParsedPromises {
  rules: PromiseRule[];
  /** One line for each problem, with its place in the file. */
  problems: string[];
}

/** In the file, a promise on a journey is an `ends_within` with `journey`. */
const WRITTEN_KINDS = PROMISE_KINDS.filter((kind) => kind !== 'journey');
type WrittenKind = Exclude<PromiseKind, 'journey'>;

const KEYS: Readonly<Record<WrittenKind, readonly string[]>> = {
  ends_within: ['share', 'journey'],
  starts_within: ['share'],
  succeeded_within: [],
  done_by: ['timezone', 'days', 'except', 'day_begins'],
};
const COMMON = ['name', 'dags'];
/** A label of metrics and a text in PostgreSQL, which stores no NUL and no half of a surrogate pair. */
const NAME = /^(?!\s)[^"\\\p{Cc}\p{Surrogate}\u2028\u2029]{1,100}(?<!\s)$/u;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Reads the `promises` of runbeat.yaml. Finds all problems at once, each with a suggestion. */
export function parsePromises(given: unknown, context: ParseContext): ParsedPromises {
  const problems: string[] = [];
  if (given === undefined || given === null) return { rules: [], problems };
  if (!Array.isArray(given))
    return { rules: [], problems: ['promises: must be a list; begin each entry with "- name:"'] };
  const seen = new Set<string>();
  const rules = given.flatMap((entry: unknown, at): PromiseRule[] => {
    const label =
      isObject(entry) && typeof entry.name === 'string'
        ? `promises.${at} (${entry.name.slice(0, 60)})`
        : `promises.${at}`;
    let isSound = true;
    const report: Report = (place, problem) => {
      isSound = false;
      problems.push(`${label}${place && `: ${place}`}: ${problem}`);
    };
    const rule = parseRule(entry, context, report);
    if (rule?.name && seen.has(rule.name))
      report('name', 'is given twice; alerts and counters identify promises by it');
    if (rule) seen.add(rule.name);
    return rule && isSound ? [rule] : [];
  });
  return { rules, problems };
}

function parseRule(entry: unknown, context: ParseContext, report: Report): PromiseRule | null {
  if (!isObject(entry)) {
    report('', 'must have a name, dags and one of ' + WRITTEN_KINDS.join(', '));
    return null;
  }
  const kinds = WRITTEN_KINDS.filter((kind) => entry[kind] !== undefined);
  reportUnknown(entry, kinds, report);
  const name = parseName(entry.name, report);
  const journey = entry.journey === undefined ? null : parseJourney(entry, context, report);
  const dags = journey ? journey.dags : parseDags(entry.dags, 'dags', context, report);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kinds.length > 1 ? `has ${kinds.join(' and ')}` : 'does not say what is promised';
    report('', `${found}; give exactly one of ${WRITTEN_KINDS.join(', ')}`);
    return null;
  }
  const common = { name, dags };
  if (kind === 'done_by') return parseDoneBy(entry, common, report);
  const limitUs = parseLimit(kind, entry[kind], context, report);
  if (kind === 'succeeded_within') return { ...common, kind, limitUs };
  const share = parseShareOf(entry.share, report);
  if (journey) return { ...common, kind: 'journey', key: journey.key, from: journey.from, limitUs, share };
  return { ...common, kind, limitUs, share };
}

function reportUnknown(entry: Given, kinds: readonly WrittenKind[], report: Report): void {
  const allowed = [...COMMON, ...WRITTEN_KINDS, ...kinds.flatMap((kind) => KEYS[kind])];
  const everywhere = [...new Set([...allowed, ...Object.values(KEYS).flat()])];
  for (const key of Object.keys(entry)) {
    if (allowed.includes(key)) continue;
    const owner = WRITTEN_KINDS.filter((kind) => KEYS[kind].includes(key));
    if (owner.length > 0) report(key, `is only valid with ${owner.join(' or ')}`);
    else report(key.slice(0, 60), `is not known here${whatThereIs(key, everywhere)}`);
  }
}

function parseName(given: unknown, report: Report): string {
  if (typeof given === 'string' && NAME.test(given)) return given;
  report(
    'name',
    given === undefined
      ? 'is missing; people see it, and it is a label of alerts'
      : 'must be a text of 1 to 100 characters without quotes, backslashes, line breaks or control characters',
  );
  return '';
}

function parseLimit(kind: WrittenKind, given: unknown, { pollUs }: ParseContext, report: Report): Micros {
  const limit = parseDuration(given);
  if (typeof limit === 'string') {
    report(kind, limit);
    return 0;
  }
  if (limit < pollUs) {
    const poll = writeDuration(pollUs);
    report(
      kind,
      `${writeDuration(limit)} is shorter than a poll, so it can't be detected in time; give at least ${poll}, or lower RUNBEAT_POLL_INTERVAL`,
    );
  }
  return limit;
}

function parseShareOf(given: unknown, report: Report): number {
  const share =
    given === undefined ? 'is missing; write e.g. 95% (the share of the runs that keep it)' : parseShare(given);
  if (typeof share === 'number') return share;
  report('share', share);
  return 0;
}

function parseDoneBy(entry: Given, common: Pick<PromiseRule, 'name' | 'dags'>, report: Report): PromiseRule {
  const timeOf = (key: string, fallback: string): string => {
    const time = writtenText(entry[key] ?? fallback);
    if (!TIME.test(time))
      report(key, `"${time.slice(0, 50)}" is not a time of day from '00:00' to '23:59'; write e.g. '07:00'`);
    return time;
  };
  const timezone = writtenText(entry.timezone ?? '');
  if (timezone === '') report('timezone', 'is missing; write e.g. Europe/Berlin or UTC');
  else if (!isTimeZone(timezone)) {
    const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
    report(
      'timezone',
      `there is no time zone "${timezone.slice(0, 60)}"${didYouMean(timezone, zones) || '; write e.g. Europe/Berlin'}`,
    );
  }
  const days = parseDays(entry.days, entry.except);
  if (Array.isArray(days)) {
    for (const problem of days) {
      const [place, ...rest] = problem.split(': ');
      report(place!, rest.join(': '));
    }
  }
  const [time, dayBegins] = [timeOf('done_by', ''), timeOf('day_begins', '00:00')];
  if (time === '00:00' && dayBegins === '00:00') {
    report(
      'done_by',
      "the day begins at 00:00, so no run for it can be done by then; write '23:59', or day_begins: '20:00' for runs of the evening before",
    );
  }
  return {
    ...common,
    kind: 'done_by',
    time,
    timezone,
    dayBegins,
    days: days as Exclude<typeof days, string[]>,
  };
}
