import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import { pause } from './pause.ts';

export interface BackoffLimits {
  /** About how long the first pause is. */
  firstMs?: number;
  /** No pause is longer. */
  maxMs?: number;
}

/**
 * Pauses between attempts, in milliseconds. They double on average up to a limit, and are spread at random so that
 * processes which failed together do not come back together.
 */
export class Backoff {
  private readonly series: ExponentialBackoff<unknown>;
  private at: IBackoff<unknown> | null = null;

  constructor({ firstMs = 50, maxMs = 5_000 }: BackoffLimits = {}) {
    this.series = new ExponentialBackoff({ initialDelay: firstMs, maxDelay: maxMs });
  }

  /** The pause before the next attempt. */
  next(): number {
    this.at = this.at ? this.at.next(undefined) : this.series.next();
    return this.at.duration;
  }

  /** An attempt succeeded: the next failure starts with a short pause again. */
  reset(): void {
    this.at = null;
  }
}

export interface RetryOptions extends BackoffLimits {
  /** Whether trying again may help; an error for which it is false is thrown at once. */
  isRetryable: (error: unknown) => boolean;
  /** Called before each pause. */
  onRetry?: (error: unknown, pauseMs: number) => void;
  /** Ends the pauses: the last error is thrown. */
  signal?: AbortSignal;
}

/** Repeats `work` with pauses until it succeeds. */
export async function retry<Result>(work: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const backoff = new Backoff(options);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!options.isRetryable(error) || options.signal?.aborted) throw error;
      const pauseMs = backoff.next();
      options.onRetry?.(error, pauseMs);
      await pause(pauseMs, options.signal);
      if (options.signal?.aborted) throw error;
    }
  }
}
