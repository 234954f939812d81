import type { Writable } from 'node:stream';
import type pg from 'pg';

/** Sends the statements of `send` on a pipelining connection in one packet, so that each side wakes up only once. */
export function together<Answer>(client: pg.ClientBase, send: () => Answer): Answer {
  const stream = streamOf(client);
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** The driver's socket, which its types do not declare. */
export function streamOf(client: pg.ClientBase): Writable {
  return (client as unknown as { connection: { stream: Writable } }).connection.stream;
}
