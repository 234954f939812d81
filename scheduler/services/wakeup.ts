/** Lets a loop sleep until it is woken up or a time has passed. */
export class Wakeup {
  private pending = false;
  private resolve: (() => void) | null = null;

  wake(): void {
    this.pending = true;
    this.resolve?.();
  }

  /** Resolves immediately if it was woken since the last wait. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.pending && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.resolve = null;
    }
    this.pending = false;
  }
}
