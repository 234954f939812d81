import { rangeOfParams } from '../../components/usePageRange.ts';
import { boundsOf } from '../../datasource/range.ts';
import type { LookupQuestion } from '../../lookup/findRuns.ts';
import type { SmallStorage } from './browserStorage.ts';

/** Maximum number of ids in a link. With more, it would be longer than servers accept. */
export const MAX_LINKED_IDS = 200;
/** Limits a lookup to the page's time range. Without this parameter, ids are found at any time, because links carry a range anyway. */
export const WITHIN_RANGE = 'use_time_range';
const KEPT_IDS = 'runbeat.lookup.values';

/** The question in a URL; null if there is none. */
export function readQuestion(params: URLSearchParams, session: Pick<SmallStorage, 'getItem'>): LookupQuestion | null {
  const kept = params.get('kept') ? readKept(session) : [];
  const values = [...params.getAll('value').filter((value) => value !== ''), ...kept];
  if (values.length === 0) return null;
  return {
    key: params.get('key') || 'user_id',
    values,
    dagId: params.get('dag_id') || undefined,
    ...(params.get(WITHIN_RANGE) === 'true' && boundsOf(rangeOfParams(params) ?? undefined)),
  };
}

function readKept(session: Pick<SmallStorage, 'getItem'>): string[] {
  try {
    const kept: unknown = JSON.parse(session.getItem(KEPT_IDS) ?? '[]');
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

/** The URL query of a question. If there are too many ids for a link, they are stored in this browser tab, and `kept` says so. */
export function writeQuestion(question: LookupQuestion, session: Pick<SmallStorage, 'setItem'>): URLSearchParams {
  const params = new URLSearchParams({ key: question.key });
  if (question.values.length > MAX_LINKED_IDS) {
    session.setItem(KEPT_IDS, JSON.stringify(question.values));
    params.set('kept', String(question.values.length));
  } else {
    for (const value of question.values) params.append('value', value);
  }
  if (question.dagId) params.set('dag_id', question.dagId);
  if (question.from || question.to) params.set(WITHIN_RANGE, 'true');
  return params;
}
