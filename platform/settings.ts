import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseDatabaseUrl, withParameter } from './postgres/url.ts';

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

/** URL of a PostgreSQL database in the format of libpq or Airflow. The message does not repeat the password. */
export const databaseUrl = z.string().transform((value, context) => {
  try {
    parseDatabaseUrl(value);
    return value.trim();
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** Path of an existing file. */
export const existingFile = z
  .string()
  .refine(existsSync, { abort: true, error: (issue) => `there is no file ${String(issue.input)}` });

/** Adds the file of RUNBEAT_X_PASSWORD_FILE to RUNBEAT_X_URL, for each X that has both. */
export function withPasswordFiles<Settings extends object>(settings: Settings): Settings {
  const all = settings as Record<string, unknown>;
  const names = Object.keys(all).filter((name) => name.endsWith('_PASSWORD_FILE') && typeof all[name] === 'string');
  const urls = names.flatMap((name) => {
    const setting = name.replace(/_PASSWORD_FILE$/, '_URL');
    const url = all[setting];
    return typeof url === 'string' ? [[setting, withPasswordFile(url, all[name] as string)] as const] : [];
  });
  return { ...settings, ...Object.fromEntries(urls) };
}

/** The URL of a database whose password is in a separate file. */
export function withPasswordFile(url: string, file: string | undefined): string {
  return file === undefined ? url : withParameter(url, 'password_file', path.resolve(file));
}

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

/** With less, a loop would keep a processor busy; with more, Node's timers fire immediately. */
const SHORTEST_SECONDS = 0.01;
const LONGEST_SECONDS = 1_000_000;

/** An interval or a limit, in seconds. */
export const someSeconds = z.coerce
  .number({ message: 'must be a number of seconds' })
  .min(SHORTEST_SECONDS, { message: `must be ${SHORTEST_SECONDS} seconds or more` })
  .max(LONGEST_SECONDS, { message: `must be ${LONGEST_SECONDS} seconds (11 days) or less` });

export const wholeNumber = (least: number, most: number): z.ZodType<number, unknown> =>
  z.coerce
    .number({ message: 'must be a whole number' })
    .int({ message: 'must be a whole number' })
    .min(least, { message: `must be ${least} or more` })
    .max(most, { message: `must be ${most} or less` });

/** A number of days, up to a century. */
export const MOST_DAYS = 36_500;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const logLevel = z.enum(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` });
