import { isDoneWithin } from '../../platform/time/within.ts';

/** How long an answer waits for the observed database before it is sent without that data. */
const PATIENCE_MS = 1_000;

/** The result of a read from an observed database, or `otherwise` if it fails or takes too long. */
export async function inTime<Result>(read: Promise<Result>, otherwise: Result): Promise<Result> {
  const patient = read.catch(() => otherwise);
  return (await isDoneWithin(patient, PATIENCE_MS)) ? patient : otherwise;
}
