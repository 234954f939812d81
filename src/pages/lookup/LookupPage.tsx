import { PluginPage } from '@grafana/runtime';
import { Stack } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useApp } from '../../app/AppContext.tsx';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import type { LookupQuestion } from '../../lookup/findRuns.ts';
import { LookupForm } from './LookupForm.tsx';
import { LookupResults } from './LookupResults.tsx';
import { LookupStart } from './LookupStart.tsx';
import { Searching } from './Searching.tsx';
import { addRecent, readRecent } from './recentSearches.ts';
import { readQuestion, writeQuestion } from './urlState.ts';
import { useLookup } from './useLookup.ts';

/** Ids in, their runs out; the URL holds the question. */
export function LookupPage() {
  const { runsUid } = useApp();
  const [params, setParams] = useSearchParams();
  const question = useMemo(() => readQuestion(params, sessionStorage), [params]);
  const [recent, setRecent] = useState(() => readRecent(localStorage));
  const { data, dataUpdatedAt, error, isFetching, refetch, progress } = useLookup(question);
  const answered = !question || Boolean(data) || Boolean(error);
  const ask = (next: LookupQuestion) => {
    const nextParams = writeQuestion(next, sessionStorage);
    if (!nextParams.has('kept'))
      setRecent(addRecent(localStorage, { query: nextParams.toString(), label: labelOf(next) }));
    if (nextParams.toString() === params.toString()) void refetch();
    else setParams(nextParams);
  };
  return (
    <PluginPage subTitle="Which run is it, how far has it come, and where does it hang?">
      <Stack direction="column" gap={3}>
        <LookupForm key={params.toString()} question={question} busy={isFetching} suggests={answered} onAsk={ask} />
        {!question && <LookupStart recent={recent} />}
        {error && (
          <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} stale={Boolean(data)} />
        )}
        {question && !data && !error && <Searching progress={progress} ids={question.values.length} />}
        {question && data && <LookupResults question={question} found={data} answeredAt={dataUpdatedAt} />}
      </Stack>
    </PluginPage>
  );
}

function labelOf({ key, values, dagId }: LookupQuestion): string {
  const shown = values.slice(0, 3).join(', ') + (values.length > 3 ? ` and ${values.length - 3} more` : '');
  return `${key} ${shown}${dagId ? ` in ${dagId}` : ''}`;
}
