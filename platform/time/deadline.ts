/** A moment in the future, by the monotonic clock: a wall clock that is set back or forth does not move it. */
export class Deadline {
  private constructor(private readonly atMs: number) {}

  static after(milliseconds: number): Deadline {
    return new Deadline(performance.now() + milliseconds);
  }

  /** One that has passed already: what it guards is due at once. */
  static now(): Deadline {
    return Deadline.after(0);
  }

  get hasPassed(): boolean {
    return performance.now() >= this.atMs;
  }

  /** Milliseconds until then; 0 when it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.atMs - performance.now());
  }

  /** The earlier of the two. */
  orSooner(other: Deadline): Deadline {
    return other.atMs < this.atMs ? other : this;
  }
}
