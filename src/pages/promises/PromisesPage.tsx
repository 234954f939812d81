import { PluginPage } from '@grafana/runtime';
import { Alert, EmptyState, Stack } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import type { PromiseConfiguration, PromisePage } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { usePromises } from '../../app/usePromises.ts';
import { Answer } from '../../components/Answer.tsx';
import { isOf } from '../../components/isOf.ts';
import { appHref } from '../../components/keepRange.ts';
import { longTitle, LongWords } from '../../components/LongWords.tsx';
import { OnePromise } from './OnePromise.tsx';
import { PromiseTable } from './PromiseTable.tsx';
import { Suggestions } from './Suggestions.tsx';

/** All promises with their status, or the one in the URL. */
export function PromisesPage() {
  const [params] = useSearchParams();
  const query = usePromises();
  const [promise, source, dagId] = ['promise', 'source', 'dag_id'].map((name) => params.get(name) || undefined);
  const parentItem = { text: 'Promises', url: appHref(PAGES.promises) };
  return (
    <PluginPage
      pageNav={promise ? { text: [promise, dagId].filter(Boolean).join(' · '), parentItem } : undefined}
      renderTitle={longTitle}
      subTitle={promise ? undefined : 'Which promises are kept, at risk or broken?'}
    >
      <Answer query={query}>
        {(page) => (
          <Stack direction="column" gap={3}>
            <Configuration {...page.configuration} />
            {promise ? (
              <Named page={page} promise={promise} source={source} dagId={dagId} />
            ) : (
              <All page={page} source={source} dagId={dagId} />
            )}
          </Stack>
        )}
      </Answer>
    </PluginPage>
  );
}

interface Filter {
  page: PromisePage;
  source: string | undefined;
  dagId: string | undefined;
}

function All({ page, source, dagId }: Filter) {
  const items = page.items.filter(isOf(source)).filter((item) => dagId === undefined || item.dag_id === dagId);
  return (
    <>
      {items.length === 0 ? <NoPromises configuration={page.configuration} /> : <PromiseTable promises={items} />}
      <Suggestions />
    </>
  );
}

function Named({ page, promise, source, dagId }: Filter & { promise: string }) {
  const found = page.items
    .filter(isOf(source))
    .filter((item) => item.promise === promise && (dagId === undefined || item.dag_id === dagId));
  if (found.length === 0) {
    return (
      <LongWords>
        <EmptyState variant="not-found" message={`There is no promise “${promise}”${dagId ? ` for ${dagId}` : ''}`} />
      </LongWords>
    );
  }
  return found.length === 1 ? <OnePromise status={found[0]!} /> : <PromiseTable promises={found} />;
}

/** Problems and warnings of the promises file. */
function Configuration({ file, problems, warnings }: PromiseConfiguration) {
  const list = (words: readonly string[]) => (
    <ul style={{ paddingLeft: 16 }}>
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );
  return (
    <>
      {problems.length > 0 && (
        <Alert severity="error" title={`${file ?? 'runbeat.yaml'} has errors: the previous promises remain in force`}>
          {list(problems)}
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert severity="warning" title={`${file ?? 'runbeat.yaml'} is in force, with warnings`}>
          {list(warnings)}
        </Alert>
      )}
    </>
  );
}

function NoPromises({ configuration: { file } }: { configuration: PromiseConfiguration }) {
  return (
    <EmptyState variant="call-to-action" message="No promises yet" hideImage>
      {file
        ? `${file} has no promise for the DAGs shown here.`
        : 'Define promises in runbeat.yaml, e.g. that 95% of the runs of a DAG end within 3 minutes.'}
    </EmptyState>
  );
}
