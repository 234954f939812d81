import type { Collector } from './collector.ts';

/** The longest pause after failures, in seconds. */
const LONGEST_PAUSE = 60;

/** When each collector runs next. A failed essential collector runs again at the next poll, any other one with growing delays. */
export class Schedule {
  private readonly due = new Map<string, number>();
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly pollSeconds: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  isDue({ name }: Collector): boolean {
    return this.now() >= (this.due.get(name) ?? -Infinity);
  }

  done(collector: Collector, succeeded: boolean): void {
    const failures = succeeded ? 0 : (this.failures.get(collector.name) ?? 0) + 1;
    this.failures.set(collector.name, failures);
    this.due.set(collector.name, this.now() + this.pauseSeconds(collector, failures) * 1000);
  }

  private pauseSeconds({ everySeconds, isEssential }: Collector, failures: number): number {
    if (failures === 0) return everySeconds;
    return isEssential ? 0 : Math.min(LONGEST_PAUSE, this.pollSeconds * (2 ** failures - 1));
  }
}
