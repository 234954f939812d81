const FLUSH_MS = 1_000;

/** Writes the output of a try to the database: about every second while it runs, and completely when closed. */
export class AttemptLog {
  private buffer = '';
  private truncated = false;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;

  constructor(
    /** Stores the next part of the output. Output that arrives in the meantime waits for the next call. */
    private readonly append: (text: string, truncated: boolean) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Adds `text`, before which `dropped` characters were omitted. */
  write(text: string, dropped = 0): void {
    if (dropped > 0) {
      this.truncated = true;
      this.buffer += `\n… ${dropped} characters omitted …\n`;
    }
    this.buffer += text;
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Resolves when everything is stored; never rejects. */
  async close(): Promise<void> {
    this.flush();
    while (this.writing) await this.writing;
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.writing ??= this.drain().finally(() => (this.writing = null));
  }

  private async drain(): Promise<void> {
    while (this.buffer) {
      const text = this.buffer;
      this.buffer = '';
      await this.append(text, this.truncated).catch(this.onError);
    }
  }
}
