import { Alert } from '@grafana/ui';
import type { PromiseBreak, PromiseStatus } from '../../../shared/api.ts';
import type { JourneyPage } from '../../../shared/journeys.ts';
import { useExporter } from '../../app/useExporter.ts';
import { usePromises } from '../../app/usePromises.ts';
import { lineText } from '../../components/lineText.ts';
import { formatMoment } from '../../components/Moment.tsx';
import { PageLink } from '../../components/PageLink.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { journeyRuns } from '../../data/journeyRuns.ts';
import { promiseKey, promiseUrl } from '../promises/words.ts';

const REFRESH_MS = 10_000;

/** The promises that this journey has broken, or will break by usual durations. */
export function JourneyPromises({ journey }: { journey: JourneyPage }) {
  const promises = usePromises().data?.items ?? [];
  return promises
    .filter((promise) => promise.journey?.key === journey.key)
    .map((promise) => <Judged key={promiseKey(promise)} journey={journey} promise={promise} />);
}

function Judged({ journey, promise: status }: { journey: JourneyPage; promise: PromiseStatus }) {
  const { key, value, total } = journey;
  const { promise, source, dag_id: dagId } = status;
  const breaks = useExporter(
    ['journey breaks', promise, source, dagId, key, value],
    (api, signal) =>
      api.promiseBreaks({ promise, source, dagId, key, value, from: total?.from ?? undefined, limit: 1 }, signal),
    { refreshMs: total?.to === null ? REFRESH_MS : false },
  );
  return <JourneyVerdict journey={journey} promise={status} newest={breaks.data?.items[0]} />;
}

interface VerdictProps {
  journey: JourneyPage;
  promise: PromiseStatus;
  /** The newest break of the promise by this journey. */
  newest: PromiseBreak | undefined;
}

/** What became of a promise in this journey. Shows nothing while it can still be kept, and once it is. */
export function JourneyVerdict({ journey, promise, newest }: VerdictProps) {
  const timeZone = userTimeZone();
  const link = (
    <PageLink inText to={promiseUrl(promise)}>
      All verdicts of this promise
    </PageLink>
  );
  const wanted = `No run of ${promise.dag_id} succeeded within ${lineText(promise.limit_seconds ?? 0)} of the arrival.`;
  if (newest) {
    return (
      <Alert severity="error" title={`Promise “${promise.promise}” broken`}>
        {`${wanted} The time was up at ${formatMoment(newest.at, timeZone)}.`} {link}
      </Alert>
    );
  }
  const late = promise.will_miss.find(({ run_id }) =>
    journeyRuns(journey).some((run) => {
      return run.run_id === run_id && run.dag_id === promise.dag_id && run.source === promise.source;
    }),
  );
  if (!late) return null;
  return (
    <Alert severity="warning" title={`${late.run_id} will break the promise “${promise.promise}”`}>
      {`Expected end: ${formatMoment(late.expected_end, timeZone)}. Due: ${formatMoment(late.due_at, timeZone)}.`}{' '}
      {link}
    </Alert>
  );
}
