/** An attempt that ends within this time has its start corrected by the write of its end, which costs nothing more. */
const SOON_MS = 100;

/** How much later than its stamp an attempt really began. It is written while the attempt runs on, or with its end. */
export class StartDelay {
  private known = 0;
  private written = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    /** Corrects the stamp of an attempt that is still running. Never rejects. */
    private readonly write: (milliseconds: number) => Promise<void>,
  ) {}

  /** The attempt began so many milliseconds after its stamp; replaces what was noted before. */
  note(milliseconds: number): void {
    this.known = milliseconds;
    this.timer ??= setTimeout(() => (this.writing = this.write(this.take())), SOON_MS);
  }

  /** Resolves to the milliseconds that are still to be written, with the end. */
  async rest(): Promise<number> {
    if (this.timer) clearTimeout(this.timer);
    await this.writing;
    return this.take();
  }

  private take(): number {
    const milliseconds = this.known - this.written;
    this.written = this.known;
    return milliseconds;
  }
}
