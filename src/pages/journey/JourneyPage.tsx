import { PluginPage } from '@grafana/runtime';
import { Alert, Button, EmptyState, Stack, Text, TextLink } from '@grafana/ui';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { PAGES } from '../../../shared/grafana.ts';
import type { JourneyPage as Journey } from '../../../shared/journeys.ts';
import { useExporter } from '../../app/useExporter.ts';
import { Answer } from '../../components/Answer.tsx';
import { formatMoment } from '../../components/Moment.tsx';
import { appHref, keepRange } from '../../components/keepRange.ts';
import { longTitle, LongWords } from '../../components/LongWords.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { formatSeconds } from '../../data/duration.ts';
import { JOURNEY_PAGE } from '../../data/exporterApi.ts';
import { JourneyChart } from './JourneyChart.tsx';
import { JourneyPromises } from './JourneyPromises.tsx';
import { JourneyTable } from './JourneyTable.tsx';

const REFRESH_MS = 5_000;

/** All runs of one value of a business key on one time axis, with the gaps between them. */
export function JourneyPage() {
  const [params] = useSearchParams();
  const [key, value] = [params.get('key'), params.get('value')];
  const parentItem = { text: 'Lookup', url: appHref(PAGES.lookup) };
  return (
    <PluginPage
      pageNav={{ text: key && value ? `Journey of ${key} ${value}` : 'Journey', parentItem }}
      renderTitle={longTitle}
      subTitle="What belongs together, and where did the time go between the runs?"
    >
      {key && value ? <OneJourney key={`${key}=${value}`} name={key} value={value} /> : <NothingAsked />}
    </PluginPage>
  );
}

function OneJourney({ name, value }: { name: string; value: string }) {
  const [pages, setPages] = useState(1);
  const query = useExporter(['journey', name, value, pages], (api, signal) => api.journey(name, value, pages, signal), {
    keepPrevious: true,
    refreshMs: (last) => (last?.total && last.total.to === null && pages === 1 ? REFRESH_MS : false),
  });
  return (
    <Answer query={query}>
      {(journey) =>
        journey.total === null ? (
          <NoRuns name={name} value={value} />
        ) : (
          <Stack direction="column" gap={2}>
            <Summary journey={journey} total={journey.total} />
            <JourneyPromises journey={journey} />
            {journey.notes.map((note) => (
              <Alert key={note} severity="info" title={note} />
            ))}
            <JourneyChart journey={journey} />
            {journey.next_cursor !== null && (
              <Stack direction="row" gap={1} alignItems="center">
                <Text color="secondary">
                  {`The first ${count(journey.items.length)} of ${count(journey.total.runs)} runs.`}
                </Text>
                <Button size="sm" variant="secondary" disabled={query.isFetching} onClick={() => setPages(pages + 1)}>
                  {`Show ${count(JOURNEY_PAGE)} more`}
                </Button>
              </Stack>
            )}
            <JourneyTable journey={journey} />
          </Stack>
        )
      }
    </Answer>
  );
}

const count = (number: number): string => number.toLocaleString('en');

function Summary({ journey, total }: { journey: Journey; total: NonNullable<Journey['total']> }) {
  const timeZone = userTimeZone();
  const until = total.to === null ? 'until now (ongoing)' : `to ${formatMoment(total.to, timeZone)}`;
  const gaps = total.gap_seconds > 0 ? `, ${formatSeconds(total.gap_seconds)} of it between runs` : '';
  return (
    <div role="status">
      <Text element="h2" variant="h3">{`${formatSeconds(total.seconds)}${gaps}`}</Text>
      <Text color="secondary">
        {`${countRuns(journey, total.runs)}, from ${formatMoment(total.from, timeZone)} ${until}`}
      </Text>
    </div>
  );
}

/** The number of runs in the chart and the table, and of those among them that the latency is about. */
export function countRuns({ ancestors, descendants }: Journey, withKey: number): string {
  const all = withKey + ancestors.length + descendants.length;
  const runs = `${count(all)} ${all === 1 ? 'run' : 'runs'}`;
  return all === withKey ? runs : `${runs}, ${count(withKey)} of them with the key`;
}

function NoRuns({ name, value }: { name: string; value: string }) {
  return (
    <LongWords>
      <EmptyState variant="not-found" message={`No run found for ${name} “${value}”`}>
        The exporter finds a run within seconds of its creation. The{' '}
        <TextLink href={keepRange(PAGES.health)}>health page</TextLink> shows how much of the history is indexed.
      </EmptyState>
    </LongWords>
  );
}

function NothingAsked() {
  return (
    <EmptyState variant="call-to-action" message="Whose journey?" hideImage>
      A journey is opened from the <TextLink href={keepRange(PAGES.lookup)}>lookup</TextLink>, or by a link with key and
      value.
    </EmptyState>
  );
}
