import { PluginPage } from '@grafana/runtime';
import { EmptyState, LoadingPlaceholder, Stack, Text, TextLink } from '@grafana/ui';
import type { ReactNode } from 'react';
import { Navigate, useLocation, useSearchParams } from 'react-router-dom';
import type { RunDetail } from '../../../shared/api.ts';
import { PAGES, RUN_TABS, type RunTab } from '../../../shared/grafana.ts';
import { isFinishedRun } from '../../../shared/states.ts';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { appHref, keepRange } from '../../components/keepRange.ts';
import { LongWords } from '../../components/LongWords.tsx';
import type { RunRef } from '../../data/exporterApi.ts';
import type { ExporterFailure } from '../../data/failure.ts';
import { epochOf } from '../../data/upstreamEnds.ts';
import { FailedTasks } from './FailedTasks.tsx';
import { FindSource } from './FindSource.tsx';
import { RunActions, RunFacts, RunTitle } from './RunHeader.tsx';
import { RunNotes } from './RunNotes.tsx';
import { RunTabs } from './RunTabs.tsx';
import { WaitingNotice } from './WaitingNotice.tsx';
import { WhereTimeWent } from './WhereTimeWent.tsx';

const LIVE_MS = 2_000;
const SETTLING_MS = 15_000;

/** One run: its state, where its time went, and its tasks as a graph, a Gantt chart and a table. */
export function RunPage() {
  const [params] = useSearchParams();
  const [source, dagId, runId] = ['source', 'dag_id', 'run_id'].map((name) => params.get(name));
  if (!dagId || !runId) return <NoRunNamed />;
  if (!source) {
    return (
      <RunFrame run={{ dagId, runId }}>
        <FindSource />
      </RunFrame>
    );
  }
  return <Run runRef={{ source, dagId, runId }} tab={readTab(params)} selectedTask={params.get('task')} />;
}

interface FrameProps {
  /** Without a source until that is known. */
  run: Omit<RunRef, 'source'> & { source?: string };
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** Grafana's page with the DAG and the run in its breadcrumbs. */
function RunFrame({ run: { source, dagId, runId }, title, actions, children }: FrameProps) {
  const flow = appHref(`${PAGES.flows}?${new URLSearchParams({ dag_id: dagId, ...(source && { source }) })}`);
  return (
    <PluginPage
      pageNav={{ text: runId, parentItem: { text: dagId, url: flow } }}
      renderTitle={() => <LongWords>{title ?? <Text element="h1">{dagId}</Text>}</LongWords>}
      actions={actions}
    >
      {children}
    </PluginPage>
  );
}

interface RunProps {
  runRef: RunRef;
  tab: RunTab;
  selectedTask: string | null;
}

function Run({ runRef, tab, selectedTask }: RunProps) {
  const { data, error, refetch } = useExporter(['run', runRef], (api, signal) => api.run(runRef, signal), {
    refreshMs: (last) => (last && isSettled(last.run) ? false : LIVE_MS),
  });
  const { search } = useLocation();
  if (error?.kind === 'not_found' && runRef.runId.includes(' '))
    return <Navigate replace to={{ search: withPlus(search) }} />;
  return (
    <RunFrame run={runRef} title={data && <RunTitle run={data.run} />} actions={data && <RunActions run={data.run} />}>
      <Stack direction="column" gap={2}>
        {error && <NoRun failure={error} onRetry={() => void refetch()} stale={Boolean(data)} />}
        {!data && !error && <LoadingPlaceholder text="Loading the run…" />}
        {data && <RunBody detail={data} runRef={runRef} tab={tab} selectedTask={selectedTask} />}
      </Stack>
    </RunFrame>
  );
}

/** Airflow 3.1 inserts run ids into links without encoding them, so a `+` arrives as a space. Run ids of Airflow contain no spaces. */
function withPlus(search: string): string {
  const params = new URLSearchParams(search);
  params.set('run_id', params.get('run_id')!.replaceAll(' ', '+'));
  return `?${params}`;
}

function RunBody({ detail, ...props }: RunProps & { detail: RunDetail }) {
  return (
    <>
      <RunFacts run={detail.run} />
      <WaitingNotice waiting={detail.run.waiting} now={detail.run.now} />
      {detail.run.state === 'failed' && <FailedTasks detail={detail} runRef={props.runRef} />}
      {detail.tasks.length > 0 && <RunNotes notes={detail.run.notes} />}
      {detail.critical_path && <WhereTimeWent path={detail.critical_path} />}
      <RunTabs detail={detail} {...props} />
    </>
  );
}

interface NoRunProps {
  failure: ExporterFailure;
  onRetry: () => void;
  stale?: boolean;
}

function NoRun({ failure, onRetry, stale }: NoRunProps) {
  const { runsUid } = useApp();
  return (
    <FailureNotice failure={failure} runsUid={runsUid} onRetry={onRetry} stale={stale}>
      <TextLink href={keepRange(PAGES.lookup)} inline={false}>
        Look up another id
      </TextLink>
    </FailureNotice>
  );
}

/** Whether the run has ended long enough ago for the exporter to have read everything, such as transitions. */
function isSettled({ state, end_date, now }: RunDetail['run']): boolean {
  return isFinishedRun(state) && epochOf(now)! - (epochOf(end_date) ?? 0) > SETTLING_MS;
}

function readTab(params: URLSearchParams): RunTab {
  return RUN_TABS.find((tab) => tab === params.get('tab')) ?? 'gantt';
}

function NoRunNamed() {
  return (
    <PluginPage pageNav={{ text: 'Run' }}>
      <EmptyState variant="not-found" message="This link does not name a run">
        A link to a run contains its source, dag_id and run_id.{' '}
        <TextLink href={keepRange(PAGES.lookup)}>Look the run up</TextLink> by an id instead.
      </EmptyState>
    </PluginPage>
  );
}
