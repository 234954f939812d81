import { z } from 'zod';

/** Every setting that is missing or malformed, one line each. The command line prints it and exits 2. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

/**
 * Validates settings read from the environment against a schema whose keys are the variables' names.
 * An empty variable counts as unset. Throws SettingsError with all problems at once.
 */
export function parseSettings<Schema extends z.ZodObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): Readonly<z.output<Schema>> {
  const present = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, env[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(present);
  if (result.success) return Object.freeze(result.data);
  throw new SettingsError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/** `postgres://` URL; the message repeats nothing of the value, which may hold a password. */
export const databaseUrl = z.string().refine(isDatabaseUrl, {
  message: 'must be a PostgreSQL URL such as postgres://user:password@host:5432/database',
});

/** `host:port`; IPv6 hosts in brackets. */
export const listenAddress = z.string().transform((value, context) => {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    context.addIssue({ code: 'custom', message: `must be host:port such as 127.0.0.1:9550, not "${value}"` });
    return z.NEVER;
  }
  return { host: (match[1] ?? match[2])!, port };
});

export interface ListenAddress {
  host: string;
  port: number;
}

/** Number of seconds greater than zero. */
export const positiveSeconds = z.coerce.number({ message: 'must be a number of seconds' }).positive({
  message: 'must be a number of seconds greater than 0',
});

function isDatabaseUrl(value: string): boolean {
  try {
    const url = new URL(value);
    return ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1;
  } catch {
    return false;
  }
}
