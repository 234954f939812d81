import { Alert, Badge, Stack, Text } from '@grafana/ui';
import type { PromiseStatus } from '../../../shared/api.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { DataTable } from '../../components/DataTable.tsx';
import { Moment } from '../../components/Moment.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { Section } from '../../components/Section.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { breakColumns } from './breakColumns.tsx';
import { VerdictsByDay, verdictWords } from './VerdictsByDay.tsx';
import { promiseWords, STATE_LOOKS } from './words.ts';

const LIMIT = 200;

/** One promise for one DAG: its status, its verdicts by day, the runs that will break it, and those that did. */
export function OnePromise({ status }: { status: PromiseStatus }) {
  const { promise, source, dag_id } = status;
  const breaks = useExporter(
    ['promise breaks', promise, source, dag_id],
    (api, signal) => api.promiseBreaks({ promise, source, dagId: dag_id, limit: LIMIT }, signal),
    { keepPrevious: true },
  );
  return (
    <Stack direction="column" gap={3}>
      <Stack direction="row" gap={2} alignItems="center" wrap="wrap">
        <Badge {...STATE_LOOKS[status.state]} />
        <Text>{promiseWords(status)}</Text>
        <Text color="secondary">{status.reason}</Text>
        {status.due_at && (
          <Text color="secondary">
            due <Moment at={status.due_at} timeZone={userTimeZone()} />
          </Text>
        )}
      </Stack>
      {status.history.length > 0 && (
        <Section
          title="Verdicts by day"
          about={`${verdictWords(status.history)}. One bar per day; a tall red bar is a day on which it was broken.`}
        >
          <VerdictsByDay days={status.history} />
        </Section>
      )}
      {status.will_miss.map((run) => (
        <Alert key={run.run_id} severity="warning" title={`${run.run_id} will break the promise`}>
          Expected end: <Moment at={run.expected_end} timeZone={userTimeZone()} />. Due:{' '}
          <Moment at={run.due_at} timeZone={userTimeZone()} />.{' '}
          <PageLink to={runPageUrl({ source, dag_id, run_id: run.run_id }, 'gantt')}>Open the run</PageLink>
        </Alert>
      ))}
      <Section title="Broken promises" about="Newest first, with the time at which the promise was broken.">
        <Answer query={breaks}>
          {({ items }) =>
            items.length === 0 ? (
              <Text color="secondary">None.</Text>
            ) : (
              <DataTable
                label="Runs that broke the promise"
                columns={breakColumns(status.kind)}
                rows={items}
                rowKey={(row) => `${row.at} ${row.run?.run_id ?? row.day} ${row.journey?.value ?? ''}`}
                initialSort={{ id: 'at', descending: true }}
                pageSize={20}
                searchText={(row) => [row.run?.run_id, row.day, row.journey?.value].join(' ')}
              />
            )
          }
        </Answer>
      </Section>
    </Stack>
  );
}
