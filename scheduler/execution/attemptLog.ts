import { appendLog, type AttemptKey } from '../store/logs.ts';
import type { Queryable } from '../store/database.ts';

const FLUSH_MS = 1_000;

/** An attempt's output on its way to the database: a second behind while it runs, complete when closed. */
export class AttemptLog {
  private buffer = '';
  private truncated = false;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Queryable,
    private readonly key: AttemptKey,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** `dropped` characters were left out just before `text`. */
  write(text: string, dropped = 0): void {
    if (dropped > 0) {
      this.truncated = true;
      this.buffer += `\n… ${dropped} characters left out …\n`;
    }
    this.buffer += text;
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
    this.flush();
    await this.writing;
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.buffer) return;
    const text = this.buffer;
    this.buffer = '';
    const { truncated } = this;
    this.writing = this.writing.then(() => appendLog(this.db, this.key, text, truncated)).catch(this.onError);
  }
}
