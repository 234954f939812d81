import { LoadingPlaceholder } from '@grafana/ui';
import { IDS_PER_REQUEST } from '../../lookup/findRuns.ts';

/** Shown while a lookup is running, with its progress if it consists of several requests. */
export function Searching({ progress, ids }: { progress: number; ids: number }) {
  const parts = ids > IDS_PER_REQUEST ? ` ${Math.round(progress * 100)}% of ${ids.toLocaleString('en')} ids` : '';
  return (
    <div role="status">
      <LoadingPlaceholder text={`Looking up…${parts}`} />
    </div>
  );
}
