import type pg from 'pg';
import type { DatabaseTarget, Endpoint, SessionAttributes } from './url.ts';

interface Server {
  standby: boolean;
  read_only: boolean;
}

const ACCEPTED: Record<Exclude<SessionAttributes, 'any' | 'prefer-standby'>, (server: Server) => boolean> = {
  'read-write': ({ read_only }) => !read_only,
  'read-only': ({ read_only }) => read_only,
  primary: ({ standby }) => !standby,
  standby: ({ standby }) => standby,
};

/**
 * Restricts the target to the first host that `target_session_attrs` accepts, as libpq does. Which kind of server it is can only be
 * asked after a login, so each host gets a short connection of its own. Rejects with what every host was if none is accepted.
 */
export async function serverFor(
  target: DatabaseTarget,
  signal: AbortSignal,
  open: (target: DatabaseTarget) => pg.Client,
): Promise<DatabaseTarget> {
  const wanted = target.sessionAttributes;
  if (wanted === 'any') return target;
  const accepts = ACCEPTED[wanted === 'prefer-standby' ? 'standby' : wanted];
  const found: string[] = [];
  for (const endpoint of target.endpoints) {
    if (signal.aborted) break;
    const only = { ...target, endpoints: [endpoint], sessionAttributes: 'any' as const };
    try {
      const server = await ask(open(only));
      if (accepts(server)) return only;
      found.push(`${nameOf(endpoint)} is ${describe(server)}`);
    } catch (error) {
      found.push(`${nameOf(endpoint)}: ${(error as Error).message}`);
    }
  }
  // As in libpq, any server will do if there is no standby.
  if (wanted === 'prefer-standby') return { ...target, sessionAttributes: 'any' };
  throw Object.assign(new Error(`No host is what target_session_attrs=${wanted} asks for: ${found.join('; ')}`), {
    code: 'EHOSTDOWN',
  });
}

async function ask(client: pg.Client): Promise<Server> {
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Server>(
      "select pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as read_only",
    );
    return rows[0]!;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function describe({ standby, read_only }: Server): string {
  if (standby) return 'a standby';
  return read_only ? 'a primary that is read-only' : 'a primary';
}

function nameOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
