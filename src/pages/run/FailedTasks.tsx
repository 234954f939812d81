import { Text, TextLink } from '@grafana/ui';
import type { RunDetail } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { keepRange } from '../../components/keepRange.ts';
import { instanceKey } from '../../data/upstreamEnds.ts';

const NAMED = 5;

/** Which tasks brought a failed run down, each with the way to its tries and their logs. */
export function FailedTasks({ detail: { run, tasks } }: { detail: RunDetail }) {
  const failed = tasks.filter((task) => task.state === 'failed');
  if (failed.length === 0) return null;
  const url = runPageUrl(run, 'attempts');
  return (
    <div role="status">
      <Text color="error">Failed at </Text>
      {failed.slice(0, NAMED).map((task, at) => (
        <span key={instanceKey(task.task_id, task.map_index)}>
          {at > 0 && ', '}
          <TextLink href={keepRange(`${url}&${new URLSearchParams({ task: task.task_id })}`)}>
            {instanceKey(task.task_id, task.map_index)}
          </TextLink>
        </span>
      ))}
      {failed.length > NAMED && ` and ${(failed.length - NAMED).toLocaleString('en')} more`}
    </div>
  );
}
