import { readFileSync, statSync } from 'node:fs';
import type { Endpoint } from './url.ts';

/**
 * Looks up a password in a file in libpq's format: lines of `host:port:database:user:password`, in which `*` matches anything and `\`
 * escapes. Null if the file is missing or has no entry. Throws if others may read it.
 */
export function lookUpPassword(file: string, endpoint: Endpoint, database: string, user: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return null;
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
    throw new Error(`The password file ${file} can be read by other users; run: chmod 600 ${file}`);
  // libpq looks up sockets as localhost.
  const host = endpoint.host.startsWith('/') ? 'localhost' : endpoint.host;
  const wanted = [host, String(endpoint.port), database, user];
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    if (fields.length === 5 && wanted.every((value, at) => fields[at] === '*' || fields[at] === value))
      return fields[4]!;
  }
  return null;
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)]
    .slice(0, 5)
    .map((match) => match[1]!.replaceAll(/\\(.)/g, '$1'));
}
