/** Something that the user can mend: the message says what is wrong and what to do. Printed without a stack trace. */
export class UserError extends Error {
  constructor(
    message: string,
    /** What to do about it on the command line, as a sentence of its own. */
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UserError';
  }
}

/** A part of what was asked for is malformed. */
export class InvalidError extends UserError {
  constructor(
    /** As the request names it. */
    readonly field: string,
    message: string,
  ) {
    super(`${field}: ${message}`);
  }
}

/** What was asked for does not exist. */
export class NotFoundError extends UserError {}

/** What was asked for does not fit the state that things are in, such as an id that is taken. */
export class ConflictError extends UserError {}
