/** Limits the output of a try: the beginning is passed on immediately, and of the rest only the end is kept. */
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
    // Cutting only when the text has doubled keeps the cost of many short lines linear.
    if (this.end.length > this.half * 2) this.cut();
  }

  /** The end of the text, and the number of characters that were dropped before it. */
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
