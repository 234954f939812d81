import { LoadingPlaceholder } from '@grafana/ui';
import { IDS_PER_REQUEST } from '../../lookup/findRuns.ts';

/** While the answer is on its way; with the share done where it comes in parts. */
export function Searching({ progress, ids }: { progress: number; ids: number }) {
  const parts = ids > IDS_PER_REQUEST ? ` ${Math.round(progress * 100)}% of ${ids.toLocaleString('en')} ids` : '';
  return (
    <div role="status">
      <LoadingPlaceholder text={`Looking up…${parts}`} />
    </div>
  );
}
