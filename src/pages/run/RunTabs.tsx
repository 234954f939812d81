import { css } from '@emotion/css';
import { EmptyState, Tab, TabContent, TabsBar, TextLink } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { RunDetail } from '../../../shared/api.ts';
import { PAGES, RUN_TABS, runPageUrl, type RunTab } from '../../../shared/grafana.ts';
import { keepRange } from '../../components/keepRange.ts';
import type { RunRef } from '../../data/exporterApi.ts';
import { AttemptsTab } from './AttemptsTab.tsx';
import { TasksTab } from './TasksTab.tsx';

const GanttTab = lazy(() => import('./GanttTab.tsx').then((m) => ({ default: m.GanttTab })));
const GraphTab = lazy(() => import('./GraphTab.tsx').then((m) => ({ default: m.GraphTab })));

const LABELS: Record<RunTab, string> = { graph: 'Graph', gantt: 'Gantt', tasks: 'Tasks', attempts: 'Attempts' };

const CONTENT = css({ paddingTop: 12 });

interface Props {
  detail: RunDetail;
  runRef: RunRef;
  tab: RunTab;
  selectedTask: string | null;
}

/** The four ways to look at a run's tasks; the URL says which, and which task is chosen. */
export function RunTabs(props: Props) {
  const { runRef, tab, detail } = props;
  const hrefOf = (other: RunTab) =>
    keepRange(runPageUrl({ source: runRef.source, dag_id: runRef.dagId, run_id: runRef.runId }, other));
  return (
    <div>
      <TabsBar>
        {RUN_TABS.map((other) => (
          <Tab
            key={other}
            label={LABELS[other]}
            href={hrefOf(other)}
            active={other === tab}
            counter={other === 'tasks' ? detail.tasks.length : undefined}
          />
        ))}
      </TabsBar>
      <TabContent className={CONTENT}>
        {detail.tasks.length === 0 ? <NoTasks detail={detail} /> : <TabBody {...props} />}
      </TabContent>
    </div>
  );
}

function TabBody({ detail, runRef, tab, selectedTask }: Props) {
  const [, setParams] = useSearchParams();
  const select = (taskId: string) =>
    setParams(
      (params) => {
        params.set('task', taskId);
        return params;
      },
      { replace: true },
    );
  const shared = { detail, selectedTask, onSelectTask: select };
  return (
    <Suspense fallback={null}>
      {tab === 'graph' && <GraphTab {...shared} />}
      {tab === 'gantt' && <GanttTab {...shared} />}
      {tab === 'tasks' && <TasksTab detail={detail} selectedTask={selectedTask} />}
      {tab === 'attempts' && <AttemptsTab detail={detail} runRef={runRef} selectedTask={selectedTask} />}
    </Suspense>
  );
}

function NoTasks({ detail: { run } }: { detail: RunDetail }) {
  const waits = run.state === 'queued' || run.state === 'running';
  return (
    <EmptyState variant="not-found" message={waits ? 'No task has been created yet' : 'This run has no tasks'}>
      {waits ? (
        <>
          The scheduler has not taken it up. The <TextLink href={keepRange(PAGES.health)}>health page</TextLink> shows
          whether one is alive.
        </>
      ) : (
        `${run.notes.join(' ')} The DAG had none, or they have been cleaned away.`.trim()
      )}
    </EmptyState>
  );
}
