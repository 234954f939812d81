import { didYouMean, whatThereIs } from './nearest.ts';
import type { ParseContext, Report } from './parseContext.ts';
import { isObject, parseDags, type Given } from './parseSelectors.ts';
import type { DagSelector, JourneyRule } from './rules.ts';
import { writtenText } from './writtenText.ts';

const PARTS = ['key', 'from', 'to'] as const;

/** Parses `journey: { key, from, to }` of an entry. */
export function parseJourney(
  { journey, dags }: Given,
  context: ParseContext,
  report: Report,
): Pick<JourneyRule, 'key' | 'from' | 'dags'> {
  if (dags !== undefined) report('dags', 'must be left out; a journey names its DAGs by from and to');
  if (!isObject(journey)) {
    report('journey', 'must be an entry such as { key: user_id, from: arrivals, to: onboarding }');
    return { key: '', from: [], dags: [] };
  }
  for (const part of Object.keys(journey)) {
    if (PARTS.some((known) => known === part)) continue;
    report(`journey.${part.slice(0, 60)}`, `is not known here${whatThereIs(part, PARTS)}`);
  }
  const key = parseKey(journey.key, context, report);
  const from = parseDags(journey.from, 'journey.from', context, report);
  const to = parseDags(journey.to, 'journey.to', context, report);
  if (!canMeet(from, to)) {
    report('journey', 'from and to name DAGs of different sources; a journey is judged within one source');
  }
  return { key, from, dags: to };
}

function parseKey(given: unknown, { keys }: ParseContext, report: Report): string {
  const known = keys.length === 0 ? 'there are none; set RUNBEAT_KEYS' : `there are ${keys.join(', ')}`;
  if (given === undefined) report('journey.key', `is missing; name a business key (${known})`);
  else if (typeof given !== 'string' || !keys.includes(given)) {
    const text = writtenText(given).slice(0, 60);
    report('journey.key', `there is no business key "${text}"${didYouMean(text, keys) || `; ${known}`}`);
  } else return given;
  return '';
}

/** Whether an arrival and a decision may belong to the same source. */
function canMeet(from: readonly DagSelector[], to: readonly DagSelector[]): boolean {
  const isOpen = (selectors: readonly DagSelector[]): boolean =>
    selectors.length === 0 || selectors.some(({ source }) => source === undefined);
  return isOpen(from) || isOpen(to) || from.some((one) => to.some(({ source }) => source === one.source));
}
