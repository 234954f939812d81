import { existsSync, readFileSync } from 'node:fs';
import { libpqSettings } from './config.ts';

/** libpq's modes; see https://www.postgresql.org/docs/current/libpq-ssl.html */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** libpq's kinds of server to look for among several hosts. */
export const SESSION_ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];

export interface Endpoint {
  /** A host name, an address, or the folder of a Unix socket. */
  host: string;
  port: number;
}

/** A PostgreSQL URL, parsed as libpq does. */
export interface DatabaseTarget {
  /** Tried in this order. */
  endpoints: readonly Endpoint[];
  sessionAttributes: SessionAttributes;
  user: string | null;
  password: string | null;
  /** A file that contains only the password. It is read at each connection, so it may change. */
  passwordFile: string | null;
  /** A file in the format of .pgpass. */
  passFile: string | null;
  database: string | null;
  applicationName: string | null;
  /** Start-up options in the URL. */
  options: string | null;
  connectTimeoutMs: number | null;
  sslMode: SslMode;
  sslRootCert: string | null;
  sslCert: string | null;
  sslKey: string | null;
  sslPassword: string | null;
}

/** A URL that can't be used; the message says why, without the password. */
export class DatabaseUrlError extends Error {}

const EXAMPLE = 'postgres://user:password@host:5432/database';
/** SQLAlchemy's names for PostgreSQL, as in Airflow's configuration. */
const POSTGRES_SCHEME = /^postgres(ql)?(\+(psycopg2?|psycopg2cffi|asyncpg|pg8000))?$/;
const OTHER_DATABASE = /^(mysql|mariadb|sqlite|mssql|oracle)(\+\w+)?$/;
const AUTHORITY = /^([a-z][a-z0-9+.-]*):\/\/(?:(.*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/is;
const DEFAULT_PORT = 5432;

/** Parameters that are used here. */
const KNOWN = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'application_name',
  'connect_timeout',
  'options',
  'passfile',
  'password_file',
  'target_session_attrs',
] as const;
type Known = (typeof KNOWN)[number];
type Parameters = Record<Known, string | null>;
/** Parameters of libpq and of Airflow's drivers that have no effect here. */
const WITHOUT_EFFECT = new Set([
  'client_encoding',
  'fallback_application_name',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
  'gssdelegation',
  'gsslib',
  'krbsrvname',
  'load_balance_hosts',
  'channel_binding',
  'sslcompression',
  'sslsni',
  'sslcertmode',
  'sslnegotiation',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'uselibpqcompat',
  'prepared_statement_cache_size',
]);

/** Parses a URL. Throws a DatabaseUrlError. */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const match = AUTHORITY.exec(text.trim());
  if (!match) throw new DatabaseUrlError(`must be a PostgreSQL URL such as ${EXAMPLE}`);
  const [, scheme = '', credentials, hosts = '', name = '', query = ''] = match;
  checkScheme(scheme.toLowerCase());
  const parameters = parseQuery(query);
  const [user, password] = parseCredentials(credentials);
  const database = parameters.dbname ?? (decode(name, 'the database name') || null);
  if (database === null) throw new DatabaseUrlError(`names no database; it must be like ${EXAMPLE}`);
  return {
    endpoints: parseEndpoints(hosts, parameters),
    sessionAttributes: parseSessionAttributes(parameters.target_session_attrs),
    user: parameters.user ?? user,
    password: parameters.password ?? password,
    passwordFile: parameters.password_file,
    passFile: parameters.passfile,
    database,
    applicationName: parameters.application_name,
    options: parameters.options,
    connectTimeoutMs: parseTimeout(parameters.connect_timeout),
    sslPassword: parameters.sslpassword,
    ...parseSsl(parameters),
  };
}

function checkScheme(scheme: string): void {
  if (POSTGRES_SCHEME.test(scheme)) return;
  const other = OTHER_DATABASE.exec(scheme)?.[1];
  if (other)
    throw new DatabaseUrlError(
      `is a URL of ${other}. Runbeat reads PostgreSQL only; an Airflow on ${other} has to move its metadata database to ` +
        `PostgreSQL first (sql_alchemy_conn in airflow.cfg, then "airflow db migrate")`,
    );
  throw new DatabaseUrlError(`begins with "${scheme.slice(0, 20)}"; it must be like ${EXAMPLE}`);
}

function parseCredentials(credentials: string | undefined): [string | null, string | null] {
  if (!credentials) return [null, null];
  const colon = credentials.indexOf(':');
  const user = colon < 0 ? credentials : credentials.slice(0, colon);
  const password = colon < 0 ? '' : credentials.slice(colon + 1);
  return [decode(user, 'the user') || null, decode(password, 'the password') || null];
}

function parseQuery(query: string): Parameters {
  const parameters = Object.fromEntries(KNOWN.map((name) => [name, null])) as Parameters;
  for (const part of query.split('&').filter(Boolean)) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals < 0 ? undefined : equals).trim();
    if (WITHOUT_EFFECT.has(name)) continue;
    if (!(KNOWN as readonly string[]).includes(name))
      throw new DatabaseUrlError(`has the parameter "${name.slice(0, 40)}"; known are ${KNOWN.join(', ')}`);
    const value = decode(equals < 0 ? '' : part.slice(equals + 1), name).trim();
    if (value !== '') parameters[name as Known] = value;
  }
  return parameters;
}

/** As in libpq, hosts in the query override those of the authority, and there is either one port for all hosts or one for each. */
function parseEndpoints(authority: string, { host, port }: Parameters): Endpoint[] {
  const inAuthority = authority.split(',').map(parseHost);
  const hosts = host === null ? inAuthority.map((entry) => entry.host) : host.split(',').map((name) => name.trim());
  const ports = port === null ? inAuthority.map((entry) => entry.port) : port.split(',').map((text) => text.trim());
  if (ports.length > 1 && ports.length !== hosts.length && host !== null)
    throw new DatabaseUrlError(`names ${hosts.length} hosts and ${ports.length} ports`);
  return hosts.map((name, at) => ({
    host: name || 'localhost',
    port: parsePort((ports.length === 1 ? ports[0] : ports[at]) ?? ''),
  }));
}

function parseHost(text: string): { host: string; port: string } {
  const match = /^\s*(?:\[([^\]]+)\]|([^:]*))(?::([^:]*))?\s*$/.exec(text);
  if (!match) throw new DatabaseUrlError('has an invalid host; write @, : and / in a password as %40, %3A and %2F');
  return { host: decode(match[1] ?? match[2] ?? '', 'the host').trim(), port: match[3]?.trim() ?? '' };
}

function parsePort(text: string): number {
  if (text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new DatabaseUrlError(
    'has a port that is not a number from 1 to 65535; write : and @ in a password as %3A and %40',
  );
}

function parseSessionAttributes(text: string | null): SessionAttributes {
  const found = SESSION_ATTRIBUTES.find((known) => known === (text ?? 'any'));
  if (found) return found;
  throw new DatabaseUrlError(
    `target_session_attrs must be one of ${SESSION_ATTRIBUTES.join(', ')}, not "${text!.slice(0, 40)}"`,
  );
}

function parseTimeout(text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d+$/.test(text)) throw new DatabaseUrlError('connect_timeout must be a number of seconds');
  return Number(text) > 0 ? Number(text) * 1000 : null;
}

type Ssl = Pick<DatabaseTarget, 'sslMode' | 'sslRootCert' | 'sslCert' | 'sslKey'>;

function parseSsl(parameters: Parameters): Ssl {
  const sslMode = parseSslMode(parameters);
  const { sslcert: sslCert, sslkey: sslKey } = parameters;
  for (const name of ['sslrootcert', 'sslcert', 'sslkey'] as const) {
    const file = parameters[name];
    if (file && file !== 'system' && !existsSync(file)) throw new DatabaseUrlError(`${name}: there is no file ${file}`);
  }
  const sslRootCert = parameters.sslrootcert ?? libpqSettings().sslRootCert;
  if (sslMode === 'verify-ca' && (sslRootCert === null || sslRootCert === 'system'))
    throw new DatabaseUrlError(
      'sslmode=verify-ca needs the certificate of your own authority in sslrootcert; for public ones use verify-full',
    );
  if ((sslCert === null) !== (sslKey === null))
    throw new DatabaseUrlError('sslcert and sslkey belong together; one of them is missing');
  return { sslMode, sslRootCert, sslCert, sslKey };
}

/** The default is `prefer`, as in libpq. asyncpg calls the parameter `ssl`. */
function parseSslMode({ sslmode, ssl }: Parameters): SslMode {
  const given = sslmode ?? { true: 'require', false: 'disable' }[ssl ?? ''] ?? ssl ?? libpqSettings().sslMode;
  const mode = SSL_MODES.find((known) => known === (given ?? 'prefer'));
  if (mode) return mode;
  throw new DatabaseUrlError(`sslmode must be one of ${SSL_MODES.join(', ')}, not "${String(given).slice(0, 40)}"`);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(`has a % in ${what} that starts no valid escape sequence; write % as %25`);
  }
}

/** The URL with another parameter, such as the file of a password. */
export function withParameter(url: string, name: Known, value: string): string {
  const trimmed = url.trim();
  return `${trimmed}${trimmed.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
}

/** The contents of a password file without a trailing line break. Throws if the file can't be read. */
export function readPasswordFile(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}
