import { useState } from 'react';
import { isFinishedRun } from '../../../shared/states.ts';
import { useExporter } from '../../app/useExporter.ts';
import { findRuns, IDS_PER_REQUEST, type FoundRuns, type LookupQuestion } from '../../lookup/findRuns.ts';

const REFRESH_MS = 5_000;

/** The runs of a question. They are refreshed while one of them is active, unless there are too many. */
export function useLookup(question: LookupQuestion | null) {
  const [progress, setProgress] = useState(0);
  // A single request has no progress to report.
  const tell = question && question.values.length > IDS_PER_REQUEST ? setProgress : undefined;
  const answer = useExporter(['lookup', question], (api, signal) => findRuns(api, question!, signal, tell), {
    enabled: question !== null,
    refreshMs: (last) => (last && isWorthRefreshing(last, question!) ? REFRESH_MS : false),
  });
  return { ...answer, progress };
}

function isWorthRefreshing({ items }: FoundRuns, { values }: LookupQuestion): boolean {
  return values.length <= IDS_PER_REQUEST && items.some((item) => !isFinishedRun(item.state));
}
