/** Retries until the result is not null. Rejects with `what` and the last failure if it takes too long. */
export async function until<Value>(
  what: string,
  seconds: number,
  ask: () => Promise<Value | null> | Value | null,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1_000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`After ${seconds} s still not: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
