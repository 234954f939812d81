import { Drawer, EmptyState, LoadingPlaceholder, Stack } from '@grafana/ui';
import { isFinishedTask } from '../../../shared/states.ts';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { ButtonLink } from '../../components/ButtonLink.tsx';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { webAddress } from '../../components/webAddress.ts';
import type { RunRef } from '../../data/exporterApi.ts';
import { LogLink } from '../../explore/LogLink.tsx';
import { TraceLink } from '../../explore/TraceLink.tsx';
import type { AttemptRow } from './attemptRows.ts';
import { LogText } from './LogText.tsx';

const LIVE_MS = 2_000;

interface Props {
  attempt: AttemptRow;
  runRef: RunRef;
  onClose: () => void;
}

/** The log of one try, refreshed while the try is running, with links to other places that show the try. */
export function LogDrawer({ attempt, runRef, onClose }: Props) {
  return (
    <Drawer
      title={attempt.task}
      subtitle={
        <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
          <span>{`try ${attempt.try_number}`}</span>
          <Elsewhere attempt={attempt} runRef={runRef} />
        </Stack>
      }
      size="md"
      onClose={onClose}
    >
      <Log attempt={attempt} runRef={runRef} />
    </Drawer>
  );
}

function Elsewhere({ attempt, runRef }: Omit<Props, 'onClose'>) {
  const { task, try_number, external, traceId, start_date, end_date } = attempt;
  const airflow = webAddress(external);
  return (
    <>
      <LogLink attempt={attempt} runRef={runRef} />
      {traceId && <TraceLink {...{ traceId, runRef, start_date, end_date }} what={`${task}, try ${try_number}`} />}
      {airflow && (
        <ButtonLink isText leaves href={airflow}>
          {`${task} in Airflow`}
        </ButtonLink>
      )}
    </>
  );
}

function Log({ attempt, runRef }: Omit<Props, 'onClose'>) {
  const { runsUid } = useApp();
  const { taskId, mapIndex, try_number: tryNumber } = attempt;
  const { data, error, refetch } = useExporter(
    ['log', runRef, taskId, mapIndex, tryNumber],
    (api, signal) => api.log(runRef, { taskId, mapIndex, tryNumber }, signal),
    { refreshMs: isFinishedTask(attempt.state) ? false : LIVE_MS },
  );
  if (error?.kind === 'not_found') {
    return (
      <EmptyState variant="not-found" message="This source has no log of this try">
        {error.message}
      </EmptyState>
    );
  }
  if (error) return <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingPlaceholder text="Loading the log…" />;
  if (data === null) return <EmptyState variant="not-found" message="The source has no log of this try" />;
  if (data.text === '') return <EmptyState variant="not-found" message="This try has no output" />;
  return <LogText log={data} />;
}
