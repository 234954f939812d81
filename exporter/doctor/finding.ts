/** The result of one check. */
export interface Finding {
  /** `fault`: it does not work. `warning`: it works, but something should be changed. */
  verdict: 'ok' | 'warning' | 'fault';
  /** What was checked, e.g. "source airflow". */
  subject: string;
  /** What was found, as a sentence. */
  text: string;
  /** What to do about it. */
  advice?: string;
}

/** Findings about one subject. */
export class Findings {
  readonly all: Finding[] = [];

  constructor(private readonly subject: string) {}

  ok(text: string): void {
    this.all.push({ verdict: 'ok', subject: this.subject, text });
  }

  warn(text: string, advice: string): void {
    this.all.push({ verdict: 'warning', subject: this.subject, text, advice });
  }

  fault(text: string, advice: string): void {
    this.all.push({ verdict: 'fault', subject: this.subject, text, advice });
  }
}
