/** Stops something that the demo has started. */
export type Stop = () => Promise<void>;

/** Thrown by attempts to start something after the demo has begun to stop. */
export class Stopped extends Error {
  constructor() {
    super('the demo is stopping');
  }
}

/** Collects what must be stopped, newest first. Anything that is added after stopping has begun is stopped immediately. */
export class Stops {
  private readonly stops: Stop[] = [];
  private stopping: Promise<void> | null = null;

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  /** Adds something to stop. If stopping has already begun, stops it and rejects with `Stopped`. */
  async add(stop: Stop): Promise<void> {
    if (!this.stopping) {
      this.stops.push(stop);
      return;
    }
    await stop();
    throw new Stopped();
  }

  /** Stops everything. A second call waits for the first. If one part can't be stopped, the others still are. */
  run(): Promise<void> {
    return (this.stopping ??= this.endAll());
  }

  private async endAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of this.stops.splice(0).reverse()) {
      await stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
