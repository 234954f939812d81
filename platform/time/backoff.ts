import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import { pause } from './pause.ts';

export interface BackoffLimits {
  /** Approximate length of the first pause. */
  firstMs?: number;
  /** Maximum length of a pause. */
  maxMs?: number;
}

/**
 * Pauses between attempts, in milliseconds. They double on average up to a limit, and are random, so that processes that failed
 * together do not retry together.
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

  /** Call this after a success, so that the next failure starts with a short pause again. */
  reset(): void {
    this.at = null;
  }
}

export interface RetryOptions extends BackoffLimits {
  /** Whether a retry may help. Other errors are thrown immediately. */
  isRetryable: (error: unknown) => boolean;
  /** Called before each pause. */
  onRetry?: (error: unknown, pauseMs: number) => void;
  /** Aborts the pauses. The last error is thrown. */
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
