import { PluginPage } from '@grafana/runtime';
import { EmptyState, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { PAGES, RUN_TABS, type RunTab } from '../../../shared/grafana.ts';
import type { RunDetail } from '../../../shared/api.ts';
import { isFinishedRun } from '../../../shared/states.ts';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { keepRange } from '../../components/keepRange.ts';
import type { RunRef } from '../../data/exporterApi.ts';
import { epochOf } from '../../data/upstreamEnds.ts';
import { FailedTasks } from './FailedTasks.tsx';
import { RunHeader } from './RunHeader.tsx';
import { RunNotes } from './RunNotes.tsx';
import { RunTabs } from './RunTabs.tsx';
import { WhereTimeWent } from './WhereTimeWent.tsx';

const LIVE_MS = 2_000;
const SETTLING_MS = 15_000;

/** One run: how it went, where its time went, and its tasks as a graph, over time and as a table. */
export function RunPage() {
  const [params] = useSearchParams();
  const ref = readRef(params);
  return (
    <PluginPage
      pageNav={{ text: ref?.runId ?? 'Run', parentItem: ref ? parentOf(ref) : undefined }}
      renderTitle={() => null}
    >
      {ref ? <Run runRef={ref} tab={readTab(params)} selectedTask={params.get('task')} /> : <NoRunNamed />}
    </PluginPage>
  );
}

interface RunProps {
  runRef: RunRef;
  tab: RunTab;
  selectedTask: string | null;
}

function Run({ runRef, tab, selectedTask }: RunProps) {
  const { runsUid } = useApp();
  const { data, error, refetch } = useExporter(['run', runRef], (api, signal) => api.run(runRef, signal), {
    refreshMs: (last) => (last && isSettled(last.run, Date.now()) ? false : LIVE_MS),
  });
  const notice = error && (
    <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} stale={Boolean(data)}>
      <TextLink href={keepRange(PAGES.lookup)} inline={false}>
        Look up another id
      </TextLink>
    </FailureNotice>
  );
  if (!data) return notice ?? <LoadingPlaceholder text="Loading the run…" />;
  return (
    <Stack direction="column" gap={2}>
      {notice}
      <RunBody detail={data} runRef={runRef} tab={tab} selectedTask={selectedTask} />
    </Stack>
  );
}

function RunBody({ detail, ...props }: RunProps & { detail: RunDetail }) {
  return (
    <>
      <RunHeader run={detail.run} />
      {detail.run.state === 'failed' && <FailedTasks detail={detail} />}
      {detail.tasks.length > 0 && <RunNotes notes={detail.run.notes} />}
      {detail.critical_path && <WhereTimeWent path={detail.critical_path} />}
      <RunTabs detail={detail} {...props} />
    </>
  );
}

/** Over, and long enough for the exporter to have read what belongs to its end: transitions, the DAG of a new version. */
function isSettled({ state, end_date }: RunDetail['run'], now: number): boolean {
  return isFinishedRun(state) && now - (epochOf(end_date) ?? 0) > SETTLING_MS;
}

function readRef(params: URLSearchParams): RunRef | null {
  const [source, dagId, runId] = ['source', 'dag_id', 'run_id'].map((name) => params.get(name));
  return source && dagId && runId ? { source, dagId, runId } : null;
}

function readTab(params: URLSearchParams): RunTab {
  return RUN_TABS.find((tab) => tab === params.get('tab')) ?? 'gantt';
}

function parentOf({ dagId }: RunRef) {
  return { text: dagId, url: keepRange(`${PAGES.flows}?${new URLSearchParams({ dag_id: dagId })}`) };
}

function NoRunNamed() {
  return (
    <EmptyState variant="not-found" message="This link names no run">
      A run’s link holds its source, dag_id and run_id.{' '}
      <TextLink href={keepRange(PAGES.lookup)}>Look the run up</TextLink> by an id instead.
    </EmptyState>
  );
}
