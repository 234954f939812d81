import { z } from 'zod';
import { PARENT_EVIDENCE, type JourneyPage, type JourneyRun } from '../../../shared/journeys.ts';
import { number, time } from './common.ts';
import { summaryShape } from './runs.ts';

const journeyRun: z.ZodType<JourneyRun> = z.object({
  ...summaryShape,
  parents: z.array(
    z.object({
      source: z.string(),
      dag_id: z.string(),
      run_id: z.string(),
      found_by: z.enum(PARENT_EVIDENCE),
    }),
  ),
  gap: z.object({ from: time, to: time.nullable(), seconds: number }).nullable(),
});

export const journeyPage: z.ZodType<JourneyPage> = z.object({
  items: z.array(journeyRun),
  next_cursor: z.string().nullable(),
  key: z.string(),
  value: z.string(),
  total: z.object({ runs: z.int(), from: time, to: time.nullable(), seconds: number, gap_seconds: number }).nullable(),
  ancestors: z.array(journeyRun),
  descendants: z.array(journeyRun),
  notes: z.array(z.string()),
});
