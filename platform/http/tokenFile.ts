import { readFileSync, statSync } from 'node:fs';
import type { Tokens } from './access.ts';

/** Shorter ones are guessed. */
export const TOKEN_LENGTH = 8;

/**
 * Tokens of a file, one a line: while a token is changed, the old and the new one are both valid. The file is read again
 * when it has changed, so that no restart is needed. One that can't be read leaves the last tokens valid.
 */
export function tokensOfFile(setting: string, file: string): Tokens {
  let stamp = '';
  let tokens: readonly string[] = [];
  const valid = (): readonly string[] => {
    try {
      const stat = statSync(file);
      const now = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
      if (now !== stamp) [tokens, stamp] = [readTokens(file), now];
    } catch {
      // It may be being replaced.
    }
    return tokens;
  };
  return { setting, valid };
}

/** Lines that are long enough to be tokens; blanks around them are not meant. */
export function readTokens(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= TOKEN_LENGTH);
}
