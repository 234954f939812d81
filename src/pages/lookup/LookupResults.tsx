import { Alert, Button, ClipboardButton, EmptyState, Stack, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { PAGES } from '../../../shared/grafana.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { download } from '../../components/download.ts';
import { keepRange } from '../../components/keepRange.ts';
import { userTimeZone } from '../../components/timeZone.ts';
import { lookupCsv } from '../../lookup/csv.ts';
import { MAX_ROWS, type FoundRuns, type LookupQuestion } from '../../lookup/findRuns.ts';
import { lookupColumns } from '../../lookup/lookupColumns.tsx';
import { rowKey, rowOfItem } from '../../lookup/row.ts';
import { MAX_LINKED_IDS } from './urlState.ts';

interface Props {
  question: LookupQuestion;
  found: FoundRuns;
  /** When the answer came, in epoch milliseconds. */
  answeredAt: number;
}

/** The runs found, newest first, and the ids that have none. */
export function LookupResults({ question, found, answeredAt }: Props) {
  const rows = useMemo(() => found.items.map((item) => rowOfItem(item, answeredAt)), [found, answeredAt]);
  const missing = useMemo(() => missingIds(question, found), [question, found]);
  const columns = lookupColumns({
    timeZone: userTimeZone(),
    showValue: question.values.length > 1,
    showSource: new Set(rows.map((row) => row.source)).size > 1,
    showStandsAt: true,
  });
  if (rows.length === 0) return <NothingFound question={question} />;
  return (
    <Stack direction="column" gap={2}>
      <Stack direction="row" gap={1} alignItems="center" justifyContent="space-between" wrap="wrap">
        <div role="status">
          <Text color="secondary">{summary(rows.length, question, missing.length)}</Text>
        </div>
        <Stack direction="row" gap={1}>
          <Button
            size="sm"
            variant="secondary"
            icon="download-alt"
            onClick={() => download('runs.csv', lookupCsv(rows, { key: question.key, values: missing }), 'text/csv')}
          >
            CSV
          </Button>
          {question.values.length <= MAX_LINKED_IDS && (
            <ClipboardButton size="sm" variant="secondary" icon="share-alt" getText={() => window.location.href}>
              Copy link
            </ClipboardButton>
          )}
        </Stack>
      </Stack>
      {found.truncated && (
        <Alert severity="warning" title={`Only the first ${MAX_ROWS.toLocaleString('en')} runs are shown`}>
          Choose a DAG or ask for fewer ids to see the rest.
        </Alert>
      )}
      {missing.length > 0 && <MissingIds ids={missing} />}
      <DataTable
        label="Runs found"
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        initialSort={{ id: 'logical_date', descending: true }}
      />
    </Stack>
  );
}

function missingIds({ values }: LookupQuestion, { items, truncated }: FoundRuns): string[] {
  if (truncated) return [];
  const found = new Set(items.map((item) => item.value));
  return values.filter((value) => !found.has(value));
}

function summary(runs: number, { values }: LookupQuestion, missing: number): string {
  const count = `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'}`;
  if (values.length === 1) return count;
  return `${count} of ${(values.length - missing).toLocaleString('en')} of ${values.length.toLocaleString('en')} ids`;
}

function MissingIds({ ids }: { ids: readonly string[] }) {
  const shown = ids.slice(0, 10).join(', ');
  return (
    <Alert
      severity="info"
      title={`No run found for ${ids.length === 1 ? 'one id' : `${ids.length.toLocaleString('en')} ids`}`}
    >
      <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
        <span>
          {shown}
          {ids.length > 10 && ` and ${(ids.length - 10).toLocaleString('en')} more`}
        </span>
        <ClipboardButton size="sm" fill="text" icon="copy" getText={() => ids.join('\n')}>
          Copy all
        </ClipboardButton>
      </Stack>
    </Alert>
  );
}

function NothingFound({ question }: { question: LookupQuestion }) {
  const { key, values, dagId } = question;
  const everywhere = new URLSearchParams([['key', key], ...values.map((value) => ['value', value])]);
  const asked = values.length === 1 ? `${key} “${values[0]}”` : `any of ${values.length.toLocaleString('en')} ids`;
  return (
    <EmptyState variant="not-found" message={`No run found for ${asked}${dagId ? ` in ${dagId}` : ''}`}>
      {dagId && values.length <= MAX_LINKED_IDS && (
        <>
          <TextLink href={keepRange(`${PAGES.lookup}?${everywhere}`)}>Search in all DAGs</TextLink>.{' '}
        </>
      )}
      A run is found once the exporter has read it, within seconds of its creation; older history may still be being
      indexed: the <TextLink href={keepRange(PAGES.health)}>health page</TextLink> shows how far it is.
    </EmptyState>
  );
}
