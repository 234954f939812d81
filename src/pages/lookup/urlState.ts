import type { LookupQuestion } from '../../lookup/findRuns.ts';

/** Ids that a link carries; more would make it longer than servers on the way accept. */
export const MAX_LINKED_IDS = 200;
const KEPT_IDS = 'runbeat.lookup.values';

/** The question that a URL asks; null for a URL that asks nothing. */
export function readQuestion(params: URLSearchParams, session: Pick<Storage, 'getItem'>): LookupQuestion | null {
  const kept = params.get('kept') ? (JSON.parse(session.getItem(KEPT_IDS) ?? '[]') as string[]) : [];
  const values = [...params.getAll('value').filter((value) => value !== ''), ...kept];
  if (values.length === 0) return null;
  const optional = (name: string) => params.get(name) || undefined;
  return {
    key: params.get('key') || 'user_id',
    values,
    dagId: optional('dag_id'),
    from: optional('from'),
    to: optional('to'),
  };
}

/** The URL that asks a question. Too many ids for a link stay in this browser tab, and `kept` says so. */
export function writeQuestion(question: LookupQuestion, session: Pick<Storage, 'setItem'>): URLSearchParams {
  const params = new URLSearchParams({ key: question.key });
  if (question.values.length > MAX_LINKED_IDS) {
    session.setItem(KEPT_IDS, JSON.stringify(question.values));
    params.set('kept', String(question.values.length));
  } else {
    for (const value of question.values) params.append('value', value);
  }
  if (question.dagId) params.set('dag_id', question.dagId);
  if (question.from) params.set('from', question.from);
  if (question.to) params.set('to', question.to);
  return params;
}
