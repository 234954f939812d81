import { existsSync, readFileSync, statSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { databaseUrl, existingFile, SettingsError, someSeconds, wholeNumber } from '../platform/settings.ts';
import { whatThereIs } from './promises/nearest.ts';

/** What is written in runbeat.yaml. */

export const FILE = 'runbeat.yaml';
/** Thousands of promises take less than one. */
const MOST_MEGABYTES = 10;
export const count = wholeNumber(1, 1_000_000);
export const connections = wholeNumber(1, 100);
export const httpUrl = z.url({ protocol: /^https?$/, message: 'must be a URL such as https://airflow.example.com' });

export const SOURCE_NAME = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/, { message: 'must be a name of letters, digits, _ . -' });
const SOURCE = entryOf(
  {
    name: SOURCE_NAME,
    url: databaseUrl,
    password_file: existingFile.optional(),
    ui_url: httpUrl.optional(),
    heartbeat_threshold: someSeconds.optional(),
    keys: z.record(z.string(), z.string()).optional(),
    parallelism: count.optional(),
    use_job_schedule: z.boolean().optional(),
    connections: connections.optional(),
  },
  'must be an entry with name and url',
);
const FILE_SCHEMA = entryOf(
  {
    sources: z.array(SOURCE).min(1, { message: 'must name at least one source' }).optional(),
    promises: z.unknown().optional(),
  },
  'must consist of "sources:" and "promises:", or one of them',
);
export type ConfigFile = z.output<typeof FILE_SCHEMA>;

function entryOf<Shape extends z.ZodRawShape>(shape: Shape, otherwise: string) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'invalid_type') return otherwise;
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys.map((key) => `"${key.slice(0, 60)}" is not known here${whatThereIs(key, known)}`).join('; ');
    },
  });
}

/** The content of the given file, or of runbeat.yaml if it exists. Throws a SettingsError with all problems. */
export function readConfigFile(given: string | null): ConfigFile | null {
  const path = given ?? FILE;
  if (!existsSync(path)) {
    if (given) throw new SettingsError([`RUNBEAT_CONFIG: there is no file ${path}`]);
    return null;
  }
  const result = FILE_SCHEMA.safeParse(parseYaml(path) ?? {});
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map((issue) => `${path}: ${issue.path.join('.') || 'file'}: ${issue.message}`),
  );
}

function parseYaml(path: string): unknown {
  try {
    const megabytes = Math.round(statSync(path).size / 1e6);
    if (megabytes > MOST_MEGABYTES) {
      throw new SettingsError([`${path}: has ${megabytes} MB; at most ${MOST_MEGABYTES} MB are read`]);
    }
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError([`${path}: ${whyUnreadable(error)}`]);
  }
}

function whyUnreadable(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isParseError = error instanceof YAMLParseError;
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return 'is not text in UTF-8; save it in that encoding';
  if (isParseError && error.code === 'MULTIPLE_DOCS')
    return 'has several documents; remove the line "---" between them';
  const problem = isParseError ? message.split('\n')[0]!.replace(/:$/, '') : `can't be read (${message})`;
  // In YAML, an unquoted * refers to an anchor.
  const isAlias = isParseError ? error.code === 'BAD_ALIAS' : message.startsWith('Unresolved alias');
  return isAlias ? `${problem}; put text that begins with * in quotes` : problem;
}
