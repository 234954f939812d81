/** If a try ends within this time, its start is corrected together with its end, which needs no additional write. */
const SOON_MS = 100;

/** Corrects the start of a try that really began later than recorded. Writes it while the try runs, or with its end. */
export class StartDelay {
  private known = 0;
  private written = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    /** Corrects the start of a running try. Never rejects. */
    private readonly write: (milliseconds: number) => Promise<void>,
  ) {}

  /** Notes that the try began this many milliseconds later than recorded. Replaces an earlier note. */
  note(milliseconds: number): void {
    this.known = milliseconds;
    this.timer ??= setTimeout(() => (this.writing = this.write(this.take())), SOON_MS);
  }

  /** Resolves to the milliseconds that must still be written, with the end. */
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
