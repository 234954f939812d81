import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** libpq's default file for the root certificates that servers are verified with. */
const ROOT_CERT = path.join(homedir(), '.postgresql', 'root.crt');

/** Settings that libpq reads from the environment if the URL lacks them. */
export interface LibpqSettings {
  password: string | null;
  passFile: string;
  sslMode: string | null;
  sslRootCert: string | null;
}

export function libpqSettings(env: NodeJS.ProcessEnv = process.env): LibpqSettings {
  return {
    password: env.PGPASSWORD || null,
    passFile: env.PGPASSFILE || path.join(homedir(), '.pgpass'),
    sslMode: env.PGSSLMODE || null,
    sslRootCert: env.PGSSLROOTCERT || (existsSync(ROOT_CERT) ? ROOT_CERT : null),
  };
}
