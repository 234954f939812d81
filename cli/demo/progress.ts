/** Prints lines with the seconds since the start. */
export class Progress {
  private readonly startedAt = performance.now();

  constructor(private readonly out: NodeJS.WritableStream) {}

  get seconds(): number {
    return (performance.now() - this.startedAt) / 1_000;
  }

  say(text: string): void {
    this.out.write(`${this.seconds.toFixed(1).padStart(6)} s  ${text}\n`);
  }
}

/**
 * Polls until the answer is not null. Rejects with `complaint` at the deadline, and immediately if `failed` rejects.
 */
export async function pollUntil<Answer>(
  ask: () => Promise<Answer | null>,
  options: { everyMs: number; timeoutMs: number; complaint: string; failed: Promise<never> },
): Promise<Answer> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const answer = await Promise.race([ask(), options.failed]);
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(options.complaint);
    await Promise.race([new Promise((resolve) => setTimeout(resolve, options.everyMs)), options.failed]);
  }
}
