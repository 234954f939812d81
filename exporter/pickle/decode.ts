import { PickleReader } from './reader.ts';
import { PickleRefused } from './refused.ts';
import { assertReasonable } from './reasonable.ts';

export { PickleRefused, type PickleRefusal } from './refused.ts';

/** What a JSON-like pickle holds. Integers beyond 2^53 are bigint, so that no digit of an id is lost. */
export type PickleValue = null | boolean | number | bigint | string | PickleValue[] | Map<string, PickleValue>;

/** A conf is a few hundred bytes; what is larger than this is not read. */
export const MAX_PICKLE_BYTES = 1 << 20;

/**
 * Decodes the pickled `conf` of an Airflow 2 dag_run (protocols 2 to 5; opcodes: Python's Lib/pickletools.py). Only the
 * opcodes of None, bool, int, float, str, list, tuple and dict are known: nothing is imported, called or built, so a hostile
 * pickle can do no more than be refused. Throws PickleRefused with the reason.
 */
export function decodePickle(bytes: Uint8Array): PickleValue {
  if (bytes.length > MAX_PICKLE_BYTES) {
    throw new PickleRefused('too_large', `${bytes.length} bytes; at most ${MAX_PICKLE_BYTES} are read`);
  }
  const value = new PickleReader(bytes).read();
  assertReasonable(value);
  return value;
}
