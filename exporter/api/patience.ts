/** How long an answer waits for the observed database before it goes without. */
const PATIENCE_MS = 1_000;

/** What a read of an observed database gives, or `otherwise` when it fails or takes too long. */
export async function inTime<Result>(read: Promise<Result>, otherwise: Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
  });
  const result = await Promise.race([read.catch(() => otherwise), patience]);
  clearTimeout(timer);
  return result;
}
