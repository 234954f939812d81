/** A problem that the user can solve. The message says what is wrong and what to do. It is printed without a stack trace. */
export class UserError extends Error {
  constructor(
    message: string,
    /** What to do on the command line, as a separate sentence. */
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UserError';
  }
}

/** A field of a request is invalid. */
export class InvalidError extends UserError {
  constructor(
    /** Name of the field in the request. */
    readonly field: string,
    message: string,
  ) {
    super(`${field}: ${message}`);
  }
}

/** The requested object does not exist. */
export class NotFoundError extends UserError {}

/** The request conflicts with the present state, e.g. because an id exists already. */
export class ConflictError extends UserError {}
