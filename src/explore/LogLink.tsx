import { LinkButton } from '@grafana/ui';
import { useApp } from '../app/AppContext.tsx';
import type { RunRef } from '../data/exporterApi.ts';
import { exploreLink } from './exploreLink.ts';

/** A try of a task, as far as its log is found by it. */
export interface LoggedTry {
  task: string;
  taskId: string;
  mapIndex: number;
  try_number: number;
  start_date: string | null;
  end_date: string | null;
}

/** To the log of one try in Explore; nothing where no log data source and query are configured. */
export function LogLink({ attempt, runRef }: { attempt: LoggedTry; runRef: RunRef }) {
  const { logsUid, logsQuery } = useApp().settings;
  const { start_date, end_date, try_number } = attempt;
  const values = {
    ...{ source: runRef.source, dag_id: runRef.dagId, run_id: runRef.runId, task_id: attempt.taskId },
    ...{ map_index: attempt.mapIndex, try_number, start_date, end_date },
  };
  const link = exploreLink({ uid: logsUid, template: logsQuery, values, start_date, end_date });
  if (!link) return null;
  return (
    <LinkButton
      size="sm"
      fill="text"
      icon="compass"
      href={link.href}
      aria-label={`Log of ${attempt.task}, try ${try_number}, in ${link.name}`}
    >
      {link.name}
    </LinkButton>
  );
}
