/** Output of an attempt within a limit: what was written first is passed on at once, of the rest the end is kept. */
export class CappedText {
  private headLeft: number;
  private end = '';
  private droppedCharacters = 0;

  constructor(
    private readonly half: number,
    private readonly pass: (text: string) => void,
  ) {
    this.headLeft = half;
  }

  write(text: string): void {
    const head = text.slice(0, this.headLeft);
    if (head) {
      this.headLeft -= head.length;
      this.pass(head);
    }
    const rest = text.slice(head.length);
    if (!rest) return;
    this.end += rest;
    // Cutting only when it has doubled keeps a flood of short lines linear.
    if (this.end.length > this.half * 2) this.cut();
  }

  /** The kept end, and how many characters were left out before it. */
  tail(): { text: string; dropped: number } {
    this.cut();
    return { text: this.end, dropped: this.droppedCharacters };
  }

  private cut(): void {
    const over = this.end.length - this.half;
    if (over <= 0) return;
    this.droppedCharacters += over;
    this.end = this.end.slice(over);
  }
}
