/** Something that the user can mend: the message says what is wrong and what to do. Printed without a stack trace. */
export class UserError extends Error {
  constructor(
    message: string,
    /** What to do about it, as a sentence of its own. */
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UserError';
  }
}
