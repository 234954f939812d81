import { PluginPage } from '@grafana/runtime';
import { Alert, EmptyState, Stack, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { PAGES } from '../../../shared/grafana.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { appHref, keepRange } from '../../components/keepRange.ts';
import { RangeControls } from '../../components/RangeControls.tsx';
import { usePageRange } from '../../components/usePageRange.ts';
import { longTitle } from '../../components/LongWords.tsx';
import { OneFlow } from './OneFlow.tsx';
import { FlowTable } from './FlowTable.tsx';
import { MAX_RUNS, runsOfRange } from './runsOfRange.ts';

/** The performance of all DAGs, or of one (`dag_id` in the URL); `source` selects one source. */
export function FlowsPage() {
  const [params] = useSearchParams();
  const dagId = params.get('dag_id') || undefined;
  const source = params.get('source') || undefined;
  const pageRange = usePageRange('now-24h');
  const { range, query: asked } = pageRange;
  const runs = useExporter(
    ['runs of range', source, dagId, asked, range.from.valueOf()],
    (api, signal) => runsOfRange(api, range, { source, dagId }, signal),
    { keepPrevious: true },
  );
  const dags = useExporter(['dags'], (api, signal) => api.dags(signal));
  const all = appHref(PAGES.flows);
  return (
    <PluginPage
      pageNav={dagId ? { text: dagId, parentItem: { text: 'Flows', url: all } } : undefined}
      renderTitle={longTitle}
      subTitle={dagId ? undefined : 'Do runs finish in time?'}
      actions={<RangeControls pageRange={pageRange} />}
    >
      <Answer query={runs}>
        {(found) => (
          <Stack direction="column" gap={4}>
            {found.truncated && (
              <Alert
                severity="info"
                title={`The figures cover only the newest ${MAX_RUNS.toLocaleString('en')} runs in this time range`}
              >
                Choose a shorter time range to include all runs.
              </Alert>
            )}
            {dagId ? (
              <OneFlow dagId={dagId} source={source} runs={found.runs} pageRange={pageRange} />
            ) : found.runs.length === 0 && (dags.data?.items.length ?? 0) === 0 ? (
              <NoFlows />
            ) : (
              <FlowTable dags={dags.data?.items ?? []} runs={found.runs} />
            )}
          </Stack>
        )}
      </Answer>
    </PluginPage>
  );
}

function NoFlows() {
  return (
    <EmptyState variant="not-found" message="No DAG has been seen yet">
      The <TextLink href={keepRange(PAGES.health)}>health page</TextLink> shows which databases are read, and whether a
      scheduler is alive.
    </EmptyState>
  );
}
