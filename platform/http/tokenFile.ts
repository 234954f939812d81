import { readFileSync } from 'node:fs';
import { fileStamp } from '../fileStamp.ts';
import type { Tokens } from './access.ts';

/** Minimum length of a token. Shorter ones are easy to guess. */
export const TOKEN_LENGTH = 8;

/**
 * Tokens from a file, one per line, so that both the old and the new token are valid during a change. The file is read again when it
 * has changed, without a restart. If it can't be read, the last tokens stay valid.
 */
export function tokensOfFile(setting: string, file: string): Tokens {
  let stamp: string | null = null;
  let tokens: readonly string[] = [];
  const valid = (): readonly string[] => {
    const now = fileStamp(file);
    if (now === stamp) return tokens;
    try {
      [tokens, stamp] = [readTokens(file), now];
    } catch {
      // The file may be being replaced at this moment.
    }
    return tokens;
  };
  return { setting, valid };
}

/** Lines that are long enough to be tokens, without spaces around them. */
export function readTokens(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= TOKEN_LENGTH);
}
