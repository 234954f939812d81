import { useApp } from '../app/AppContext.tsx';
import { ButtonLink } from '../components/ButtonLink.tsx';
import type { RunRef } from '../data/exporterApi.ts';
import { exploreLink } from './exploreLink.ts';

/** The properties of a try by which its log is found. */
export interface LoggedTry {
  task: string;
  taskId: string;
  mapIndex: number;
  try_number: number;
  start_date: string | null;
  end_date: string | null;
}

/** Link to the log of one try in Explore. Renders nothing without a configured log data source and query. */
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
    <ButtonLink
      isText
      icon="compass"
      href={link.href}
      aria-label={`Log of ${attempt.task}, try ${try_number}, in ${link.name}`}
    >
      {link.name}
    </ButtonLink>
  );
}
