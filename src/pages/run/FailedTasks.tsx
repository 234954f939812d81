import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Stack, useStyles2 } from '@grafana/ui';
import { useMemo, useState, type ReactNode } from 'react';
import type { AttemptLog, RunDetail, TaskInstance } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { useExporter } from '../../app/useExporter.ts';
import { PageLink } from '../../components/PageLink.tsx';
import type { RunRef, TryRef } from '../../data/exporterApi.ts';
import { LogLink } from '../../explore/LogLink.tsx';
import { attemptRows, type AttemptRow } from './attemptRows.ts';
import { LogDrawer } from './LogDrawer.tsx';
import { whyFailed, type FailedTask } from './whyFailed.ts';

const NAMED = 3;

interface Props {
  detail: RunDetail;
  runRef: RunRef;
}

/** Shows why a run failed: the failed tasks with their tries, the last lines of their output, and links to their logs. */
export function FailedTasks({ detail, runRef }: Props) {
  const [opened, setOpened] = useState<AttemptRow | null>(null);
  // If the run has an external page, it belongs to an Airflow, whose logs are not available here.
  const enabled = detail.run.links.external === null;
  const named = useMemo(
    () =>
      whyFailed(detail, null)
        .slice(0, NAMED)
        .map(({ task }) => tryOf(task)),
    [detail],
  );
  const logs = useExporter(
    ['logs', runRef, named],
    async (api, signal) => (await Promise.all(named.map((one) => api.log(runRef, one, signal)))).filter(isKnown),
    { enabled },
  ).data;
  const failed = useMemo(() => whyFailed(detail, logs ?? null), [detail, logs]);
  if (failed.length === 0) return null;
  const attemptOf = ({ name, task }: FailedTask) =>
    attemptRows(detail).find((row) => row.task === name && row.try_number === task.try_number);
  return (
    <div role="status">
      <Alert severity="error" title={titleOf(failed)}>
        <Stack direction="column" gap={1}>
          {failed.slice(0, NAMED).map((each) => {
            const attempt = attemptOf(each);
            return (
              <OneTask
                key={each.name}
                failed={each}
                run={detail.run}
                onLog={attempt && (() => setOpened(attempt))}
                elsewhere={attempt && <LogLink attempt={attempt} runRef={runRef} />}
                inTitle={failed.length === 1}
              />
            );
          })}
          {failed.length > NAMED && (
            <PageLink to={runPageUrl(detail.run, 'tasks')}>
              {`and ${(failed.length - NAMED).toLocaleString('en')} more`}
            </PageLink>
          )}
        </Stack>
      </Alert>
      {opened && <LogDrawer attempt={opened} runRef={runRef} onClose={() => setOpened(null)} />}
    </div>
  );
}

function tryOf({ task_id, map_index, try_number }: TaskInstance): TryRef {
  return { taskId: task_id, mapIndex: map_index, tryNumber: try_number };
}

function isKnown(log: AttemptLog | null): log is AttemptLog {
  return log !== null;
}

function titleOf([first, ...others]: readonly FailedTask[]): string {
  return others.length === 0 ? `Failed at ${first!.name}, ${first!.tries}` : `${others.length + 1} tasks failed`;
}

interface OneTaskProps {
  failed: FailedTask;
  run: RunDetail['run'];
  onLog: (() => void) | undefined;
  /** The way to its log in another data source. */
  elsewhere: ReactNode;
  /** Whether the heading names the task and the try already. */
  inTitle: boolean;
}

function OneTask({ failed: { task, name, tries, lines }, run, onLog, elsewhere, inTitle }: OneTaskProps) {
  const styles = useStyles2(getStyles);
  const attempts = `${runPageUrl(run, 'attempts')}&${new URLSearchParams({ task: task.task_id })}`;
  return (
    <div>
      <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
        <PageLink to={attempts}>{inTitle ? 'All its tries' : name}</PageLink>
        {!inTitle && <span>{tries}</span>}
        {onLog && (
          <Button size="sm" fill="text" icon="file-alt" aria-label={`Log of ${name}, ${tries}`} onClick={onLog}>
            Log
          </Button>
        )}
        {elsewhere}
      </Stack>
      {lines.length > 0 && (
        <pre className={styles.lines} role="region" tabIndex={0} aria-label={`Last lines of ${name}`}>
          {lines.join('\n')}
        </pre>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  lines: css({
    margin: 0,
    maxHeight: 140,
    overflow: 'auto',
    padding: theme.spacing(0.75, 1),
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
});
