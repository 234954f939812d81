import { Logger } from 'graphile-worker';

/** The queue logs a line a job; our own log tells what matters. */
export const quietQueueLogger = new Logger(() => () => undefined);

/** Name under which jobs of a task queue wait in graphile-worker. */
export function queueIdentifier(queue: string): string {
  return `runbeat:${queue}`;
}

/** Channel on which the queue says that there are new jobs. */
export const NEW_JOBS = 'listen "jobs:insert"';
