import { ClipboardButton } from '@grafana/ui';
import { useApp } from '../app/AppContext.tsx';
import { ButtonLink } from '../components/ButtonLink.tsx';
import type { RunRef } from '../data/exporterApi.ts';
import { exploreLink } from './exploreLink.ts';

interface Props {
  traceId: string;
  /** What the trace belongs to, for the accessible name. */
  what: string;
  runRef: RunRef;
  start_date: string | null;
  end_date: string | null;
}

/** A trace id with a link to Explore. Without a configured trace data source, the id can only be copied. */
export function TraceLink({ traceId, what, runRef: { source, dagId, runId }, start_date, end_date }: Props) {
  const { tracesUid, tracesQuery } = useApp().settings;
  const values = { trace_id: traceId, source, dag_id: dagId, run_id: runId };
  const link = exploreLink({ uid: tracesUid, template: tracesQuery, values, start_date, end_date });
  const shown = `${traceId.slice(0, 8)}…`;
  return (
    <>
      {link ? (
        <ButtonLink isText href={link.href} aria-label={`Trace of ${what} in ${link.name}`}>
          {`${shown} in ${link.name}`}
        </ButtonLink>
      ) : (
        <span title={traceId}>{shown}</span>
      )}
      <ClipboardButton
        size="sm"
        fill="text"
        variant="secondary"
        icon="copy"
        aria-label={`Copy the trace id of ${what}`}
        getText={() => traceId}
      />
    </>
  );
}
