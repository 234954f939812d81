import { css } from '@emotion/css';
import { locationService } from '@grafana/runtime';
import { EmptyState, LoadingPlaceholder, Tab, TabContent, TabsBar, TextLink } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import type { RunDetail } from '../../../shared/api.ts';
import { PAGES, RUN_TABS, runPageUrl, type RunTab } from '../../../shared/grafana.ts';
import { appHref, keepRange } from '../../components/keepRange.ts';
import type { RunRef } from '../../data/exporterApi.ts';
import { AttemptsTab } from './AttemptsTab.tsx';
import { TasksTab } from './TasksTab.tsx';

const GanttTab = lazy(() => import('./GanttTab.tsx').then((m) => ({ default: m.GanttTab })));
const GraphTab = lazy(() => import('./GraphTab.tsx').then((m) => ({ default: m.GraphTab })));

const LABELS: Record<RunTab, string> = { graph: 'Graph', gantt: 'Gantt', tasks: 'Tasks', attempts: 'Tries' };

const CONTENT = css({ paddingTop: 12 });

interface Props {
  detail: RunDetail;
  runRef: RunRef;
  tab: RunTab;
  selectedTask: string | null;
}

/** The four views of a run's tasks. The URL contains the view and the selected task. */
export function RunTabs(props: Props) {
  const { runRef, tab, detail } = props;
  const hrefOf = (other: RunTab) =>
    appHref(runPageUrl({ source: runRef.source, dag_id: runRef.dagId, run_id: runRef.runId }, other));
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
  const select = (taskId: string) => locationService.partial({ task: taskId }, true);
  const shared = { detail, selectedTask, onSelectTask: select };
  return (
    <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
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
          The scheduler has not started it yet. The <TextLink href={keepRange(PAGES.health)}>health page</TextLink>{' '}
          shows whether one is alive.
        </>
      ) : (
        `${run.notes.join(' ')} The DAG has no tasks, or the source has deleted their rows.`.trim()
      )}
    </EmptyState>
  );
}
