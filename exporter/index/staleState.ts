/** State that was loaded from the index is out of date and must be reloaded. */
export class StaleStateError extends Error {}
