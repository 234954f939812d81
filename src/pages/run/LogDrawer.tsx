import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Drawer, EmptyState, LoadingPlaceholder, Stack, useStyles2 } from '@grafana/ui';
import { isFinishedTask } from '../../../shared/states.ts';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import type { RunRef } from '../../data/exporterApi.ts';
import type { AttemptRow } from './AttemptsTab.tsx';

const LIVE_MS = 2_000;

interface Props {
  attempt: AttemptRow;
  runRef: RunRef;
  onClose: () => void;
}

/** What one try wrote; read again while it runs. */
export function LogDrawer({ attempt, runRef, onClose }: Props) {
  return (
    <Drawer title={attempt.task} subtitle={`try ${attempt.try_number}`} size="md" onClose={onClose}>
      <Log attempt={attempt} runRef={runRef} />
    </Drawer>
  );
}

function Log({ attempt, runRef }: Omit<Props, 'onClose'>) {
  const styles = useStyles2(getStyles);
  const { runsUid } = useApp();
  const { taskId, mapIndex, try_number: tryNumber } = attempt;
  const { data, error, refetch } = useExporter(['logs', runRef], (api, signal) => api.logs(runRef, signal), {
    refreshMs: isFinishedTask(attempt.state) ? false : LIVE_MS,
  });
  if (error?.kind === 'not_found') {
    return (
      <EmptyState variant="not-found" message="This source has no log of this try">
        {error.message}
      </EmptyState>
    );
  }
  if (error) return <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPlaceholder text="Loading the log…" />;
  const log = data.items.find(
    (item) => item.task_id === taskId && item.map_index === mapIndex && item.try_number === tryNumber,
  );
  if (!log) return <EmptyState variant="not-found" message="The source has no log of this try" />;
  if (log.text === '') return <EmptyState variant="not-found" message="This try has written nothing" />;
  return (
    <Stack direction="column" gap={1}>
      {log.truncated && <Alert severity="info" title="The log was long: its middle has been cut" />}
      <pre className={styles.log} tabIndex={0}>
        {log.text}
      </pre>
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  log: css({ fontSize: theme.typography.bodySmall.fontSize, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});
