import { Alert } from '@grafana/ui';
import type { Waiting } from '../../../shared/api.ts';
import { needsPerson, waitingShort } from '../../data/waitingWords.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

interface Props {
  waiting: Waiting | null;
  /** The source's clock. */
  now: string;
}

/** Explains why a run as a whole does not proceed; renders nothing if nothing holds it back. */
export function WaitingNotice({ waiting, now }: Props) {
  if (!waiting) return null;
  return (
    <Alert
      severity={needsPerson(waiting) ? 'warning' : 'info'}
      title={`This run is waiting: ${waitingShort(waiting, epochOf(now))}`}
    >
      {waiting.detail}
    </Alert>
  );
}
