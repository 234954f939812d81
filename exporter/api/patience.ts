/** How long an answer waits for the observed database before it is sent without that data. */
const PATIENCE_MS = 1_000;

/** The result of a read from an observed database, or `otherwise` if it fails or takes too long. */
export async function inTime<Result>(read: Promise<Result>, otherwise: Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
  });
  const result = await Promise.race([read.catch(() => otherwise), patience]);
  clearTimeout(timer);
  return result;
}
