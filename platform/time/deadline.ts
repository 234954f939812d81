/** A moment in the future by the monotonic clock, which is not affected by changes of the wall clock. */
export class Deadline {
  private constructor(private readonly atMs: number) {}

  static after(milliseconds: number): Deadline {
    return new Deadline(performance.now() + milliseconds);
  }

  /** A deadline that has already passed. */
  static now(): Deadline {
    return Deadline.after(0);
  }

  get hasPassed(): boolean {
    return performance.now() >= this.atMs;
  }

  /** Milliseconds until the deadline; 0 if it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.atMs - performance.now());
  }

  /** The earlier one of two deadlines. */
  orSooner(other: Deadline): Deadline {
    return other.atMs < this.atMs ? other : this;
  }
}
