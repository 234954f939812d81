import { z } from 'zod';
import { existingFile, SettingsError, type ListenAddress } from '../settings.ts';
import { fixedToken, type Tokens } from './access.ts';
import { isLoopback } from './hosts.ts';
import { readTokens, TOKEN_LENGTH, tokensOfFile } from './tokenFile.ts';

const token = z.string().min(TOKEN_LENGTH, { message: `must have at least ${TOKEN_LENGTH} characters` });

const tokenFile = existingFile.refine((file) => readTokens(file).length > 0, {
  message: `must contain at least one line of ${TOKEN_LENGTH} or more characters`,
});

/** Settings for access over HTTP. */
export const HTTP_SETTINGS = {
  RUNBEAT_API_TOKEN: token.optional(),
  RUNBEAT_API_TOKEN_FILE: tokenFile.optional(),
  RUNBEAT_CONTROL_TOKEN: token.optional(),
  RUNBEAT_CONTROL_TOKEN_FILE: tokenFile.optional(),
  RUNBEAT_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean)),
};

type HttpSettings = z.output<z.ZodObject<typeof HTTP_SETTINGS>>;

/** The tokens that allow reading; null if none is set. */
export function readTokensOf(settings: HttpSettings): Tokens | null {
  return tokensOf('RUNBEAT_API_TOKEN', settings.RUNBEAT_API_TOKEN, settings.RUNBEAT_API_TOKEN_FILE);
}

/** The tokens that allow changes; null if none is set. */
export function writeTokensOf(settings: HttpSettings): Tokens | null {
  return tokensOf('RUNBEAT_CONTROL_TOKEN', settings.RUNBEAT_CONTROL_TOKEN, settings.RUNBEAT_CONTROL_TOKEN_FILE);
}

function tokensOf(setting: string, value: string | undefined, file: string | undefined): Tokens | null {
  if (file !== undefined) return tokensOfFile(setting, file);
  return value === undefined ? null : fixedToken(setting, value);
}

/** Throws a SettingsError if a service would listen beyond this machine without a token. */
export function refuseOpenAccess(listen: ListenAddress, setting: string, tokens: Tokens | null): void {
  if (tokens !== null || isLoopback(listen.host)) return;
  throw new SettingsError([
    `RUNBEAT_API_TOKEN: is needed, because ${setting} (${listen.host}) reaches beyond this machine; ` +
      'set a token, or listen on 127.0.0.1',
  ]);
}
