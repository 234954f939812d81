import { Alert, Button, ClipboardButton, EmptyState, Stack, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { journeyPageUrl, PAGES } from '../../../shared/grafana.ts';
import { ButtonLink } from '../../components/ButtonLink.tsx';
import { DataTable } from '../../components/DataTable.tsx';
import { download } from '../../components/download.ts';
import { appHref, keepRange } from '../../components/keepRange.ts';
import { PageLink } from '../../components/PageLink.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { LongWords } from '../../components/LongWords.tsx';
import { lookupCsv } from '../../lookup/csv.ts';
import { MAX_ROWS, missingIds, type FoundRuns, type LookupQuestion } from '../../lookup/findRuns.ts';
import { MissingIds } from '../../lookup/MissingIds.tsx';
import { lookupColumns } from '../../lookup/lookupColumns.tsx';
import { rowKey, rowOfItem } from '../../lookup/row.ts';
import { MAX_LINKED_IDS } from './urlState.ts';

interface Props {
  question: LookupQuestion;
  found: FoundRuns;
}

/** The found runs, newest first, and the ids without a run. */
export function LookupResults({ question, found }: Props) {
  const rows = useMemo(() => found.items.map(rowOfItem), [found]);
  const missing = useMemo(() => missingIds(question.values, found), [question, found]);
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
          {question.values.length === 1 && (
            <ButtonLink icon="clock-nine" href={appHref(journeyPageUrl(question.key, question.values[0]!))}>
              Journey
            </ButtonLink>
          )}
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
      <MissingIds ids={missing} />
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

function summary(runs: number, { values }: LookupQuestion, missing: number): string {
  const count = `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'}`;
  if (values.length === 1) return count;
  return `${count} for ${(values.length - missing).toLocaleString('en')} of ${values.length.toLocaleString('en')} ids`;
}

function NothingFound({ question }: { question: LookupQuestion }) {
  const { key, values, dagId } = question;
  const everywhere = new URLSearchParams([['key', key], ...values.map((value) => ['value', value])]);
  const asked = values.length === 1 ? `${key} “${values[0]}”` : `any of ${values.length.toLocaleString('en')} ids`;
  return (
    <LongWords>
      <EmptyState variant="not-found" message={`No run found for ${asked}${dagId ? ` in ${dagId}` : ''}`}>
        {dagId && values.length <= MAX_LINKED_IDS && (
          <>
            <PageLink inText to={`${PAGES.lookup}?${everywhere}`}>
              Search in all DAGs
            </PageLink>
            .{' '}
          </>
        )}
        The exporter finds a run within seconds of its creation. Older runs may still be being indexed: the{' '}
        <TextLink href={keepRange(PAGES.health)}>health page</TextLink> shows the progress.
      </EmptyState>
    </LongWords>
  );
}
