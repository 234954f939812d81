/**
 * Waits for work, but at most this long. Returns whether it has finished, and rejects if it failed in time. A later failure of the
 * work is ignored here. Leaves no timer behind, because a timer keeps a stopped process alive.
 */
export async function isDoneWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
