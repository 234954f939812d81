import { PluginPage } from '@grafana/runtime';
import { Alert, Stack } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { PAGES } from '../../../shared/grafana.ts';
import { useApp } from '../../app/AppContext.tsx';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { keepRange } from '../../components/keepRange.ts';
import { formatMoment } from '../../components/Moment.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import type { LookupQuestion } from '../../lookup/findRuns.ts';
import { LookupForm } from './LookupForm.tsx';
import { LookupResults } from './LookupResults.tsx';
import { LookupStart } from './LookupStart.tsx';
import { Searching } from './Searching.tsx';
import { browserStorage, present } from './browserStorage.ts';
import { addRecent, readRecent } from './recentSearches.ts';
import { readQuestion, writeQuestion } from './urlState.ts';
import { useLookup } from './useLookup.ts';

const local = browserStorage('localStorage', present());
const session = browserStorage('sessionStorage', present());

/** Finds the runs of ids. The URL contains the question. */
export function LookupPage() {
  const { runsUid } = useApp();
  const [params, setParams] = useSearchParams();
  const question = useMemo(() => readQuestion(params, session), [params]);
  const [recent, setRecent] = useState(() => readRecent(local));
  const { data, error, isFetching, refetch, progress } = useLookup(question);
  const ask = (next: LookupQuestion) => {
    const nextParams = writeQuestion(next, session);
    const url = new URLSearchParams(keepRange(`?${nextParams}`, `?${params}`));
    if (!nextParams.has('kept')) setRecent(addRecent(local, { query: nextParams.toString(), label: labelOf(next) }));
    if (url.toString() === params.toString()) void refetch();
    else setParams(url);
  };
  return (
    <PluginPage subTitle="Find a run, its progress and what it is waiting for.">
      <Stack direction="column" gap={3}>
        <LookupForm key={params.toString()} question={question} busy={isFetching && !data} onAsk={ask} />
        {!question && <LookupStart recent={recent} />}
        {question?.from && <WithinRange question={question} />}
        {error && (
          <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} stale={Boolean(data)} />
        )}
        {question && !data && !error && <Searching progress={progress} ids={question.values.length} />}
        {question && data && <LookupResults question={question} found={data} />}
      </Stack>
    </PluginPage>
  );
}

/** Shown if a link limits the lookup to a time range, because an id that is not found may have runs outside it. */
function WithinRange({ question: { key, values, dagId, from, to } }: { question: LookupQuestion }) {
  const anyTime = writeQuestion({ key, values, dagId }, session);
  const moment = (at: string | undefined) => (at ? formatMoment(at, userTimeZone()) : 'now');
  return (
    <Alert severity="info" title={`Only runs between ${moment(from)} and ${moment(to)}`}>
      <PageLink to={`${PAGES.lookup}?${anyTime}`}>Search at any time</PageLink>
    </Alert>
  );
}

function labelOf({ key, values, dagId }: LookupQuestion): string {
  const shown = values.slice(0, 3).join(', ') + (values.length > 3 ? ` and ${values.length - 3} more` : '');
  return `${key} ${shown}${dagId ? ` in ${dagId}` : ''}`;
}
