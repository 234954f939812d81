import type { Micros } from '../sources/rows.ts';

/** What promises are checked against. */
export interface ParseContext {
  sources: readonly string[];
  /** Names of the business keys of all sources. */
  keys: readonly string[];
  pollUs: Micros;
}

/** Reports a problem at a place of an entry, with a suggestion. */
export type Report = (place: string, problem: string) => void;
