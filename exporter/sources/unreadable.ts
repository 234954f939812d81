/** Replaces a value of a conf that is not text, a number, a boolean, a list or a dict, such as a Python datetime. */
export class Unreadable {
  constructor(
    /** What it is, e.g. `datetime.datetime`. */
    readonly kind: string,
  ) {}
}
