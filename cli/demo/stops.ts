/** Ends something that the demo started. */
export type Stop = () => Promise<void>;

/** Thrown by attempts to start something after the demo has begun to stop. */
export class Stopped extends Error {
  constructor() {
    super('the demo is stopping');
  }
}

/** What has to be ended, newest first. What is added after the end began is ended at once, so nothing is left behind. */
export class Stops {
  private readonly stops: Stop[] = [];
  private stopping: Promise<void> | null = null;

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  /** Rejects with `Stopped` when the end has begun, after ending what was given. */
  async add(stop: Stop): Promise<void> {
    if (!this.stopping) {
      this.stops.push(stop);
      return;
    }
    await stop();
    throw new Stopped();
  }

  /** Ends everything; a second call waits for the first. One part that can't be ended does not keep the others. */
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
