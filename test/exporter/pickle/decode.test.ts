import { describe, expect, it } from 'vitest';
import { decodePickle, MAX_PICKLE_BYTES, PickleRefused, type PickleValue } from '../../../exporter/pickle/decode.ts';

/** All pickles here were written by CPython 3.11. */
function decode(base64: string): unknown {
  return plain(decodePickle(Buffer.from(base64, 'base64')));
}

function plain(value: PickleValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(([key, item]) => [key, plain(item)]);
  return value;
}

function refusalOf(bytes: Uint8Array): string {
  try {
    decodePickle(bytes);
  } catch (error) {
    if (error instanceof PickleRefused) return error.reason;
    throw error;
  }
  return 'decoded';
}

const FLAT = 'gASVLwAAAAAAAAB9lCiMB3VzZXJfaWSUSyqMC2FwcGxpY2F0aW9ulH2UjAJpZJSMBWFwcC03lHN1Lg==';

describe('a pickled conf', () => {
  it.each([
    ['protocol 2', 'gAJ9cQAoWAcAAAB1c2VyX2lkcQFLKlgLAAAAYXBwbGljYXRpb25xAn1xA1gCAAAAaWRxBFgFAAAAYXBwLTdxBXN1Lg=='],
    ['protocol 4', FLAT],
    ['protocol 5', FLAT.replace('gAS', 'gAW')],
  ])('is read in %s', (_, pickle) => {
    expect(decode(pickle)).toEqual([
      ['user_id', 42],
      ['application', [['id', 'app-7']]],
    ]);
  });

  it('that is empty is an empty dict', () => {
    expect(decode('gAR9lC4=')).toEqual([]);
  });

  it('keeps every digit and sign of its integers', () => {
    const ints =
      'gASVhgAAAAAAAAB9lCiMAWGUigYAAAAAAP+MAWKUigf///////8fjAFjlIoHAQAAAAAAIIwBZJRK/////4wBZZRL/4wBZpRN//+MAWeUSgAAAICM' +
      'AWiUigUAAACAAIwBepRLAIwDYmlnlIoNAAAAQOrtdEbQnCyfDIwEbmJpZ5SKDQAAAMAVEou5L2PTYPN1Lg==';
    expect(decode(ints)).toEqual([
      ['a', -(2 ** 40)],
      ['b', Number.MAX_SAFE_INTEGER],
      ['c', 9007199254740993n],
      ['d', -1],
      ['e', 255],
      ['f', 65_535],
      ['g', -(2 ** 31)],
      ['h', 2 ** 31],
      ['z', 0],
      ['big', 10n ** 30n],
      ['nbig', -(10n ** 30n)],
    ]);
  });

  it('may hold None, booleans, floats, lists and tuples of any length', () => {
    const mixed =
      'gASVYQAAAAAAAAB9lCiMAW6UTowBdJSIjAFmlImMAXiURz/4AAAAAAAAjAFslF2UKEsBjAN0d2+UXZRLA2FljAN0dXCUKEsBSwJLA0sEdJSMAnQx' +
      'lEsBhZSMAnQwlCmMAnQylEsBSwKGlHUu';
    expect(decode(mixed)).toEqual([
      ['n', null],
      ['t', true],
      ['f', false],
      ['x', 1.5],
      ['l', [1, 'two', [3]]],
      ['tup', [1, 2, 3, 4]],
      ['t1', [1]],
      ['t0', []],
      ['t2', [1, 2]],
    ]);
  });

  it('keeps a key named __proto__ as a key', () => {
    const value = decodePickle(
      Buffer.from('gASVMAAAAAAAAAB9lCiMCV9fcHJvdG9fX5R9lIwIcG9sbHV0ZWSUiHOMC2NvbnN0cnVjdG9ylEsBdS4=', 'base64'),
    );
    expect([...(value as Map<string, PickleValue>).keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('may refer to one object twice', () => {
    expect(decode('gASVFgAAAAAAAAB9lCiMAWGUXZSMAXaUYYwBYpRoAnUu')).toEqual([
      ['a', ['v']],
      ['b', ['v']],
    ]);
  });

  it.each([
    ['that calls os.system', 'gASVJgAAAAAAAAB9lIwBYZSMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpRzLg==', 'unsupported'],
    [
      'that builds a datetime',
      'gASVMQAAAAAAAAB9lIwBYZSMCGRhdGV0aW1llIwIZGF0ZXRpbWWUk5RDCgfoAQEAAAAAAACUhZRSlHMu',
      'unsupported',
    ],
    ['that holds bytes', 'gASVDAAAAAAAAAB9lIwBYZRDAXiUcy4=', 'unsupported'],
    ['that contains itself', 'gASVDQAAAAAAAAB9lIwBYZRdlGgCYXMu', 'too_complex'],
    ['of a protocol that does not exist', 'gAl9lC4=', 'unsupported'],
    ['that stops with nothing on its stack', 'gAQu', 'malformed'],
    ['that recalls what was never remembered', 'gARoBS4=', 'malformed'],
    ['that is no pickle', Buffer.from('hello').toString('base64'), 'malformed'],
    ['that is empty', '', 'truncated'],
  ])('%s is refused', (_, pickle, reason) => {
    expect(refusalOf(Buffer.from(pickle, 'base64'))).toBe(reason);
  });

  it('cut off at any byte is refused and never half-read', () => {
    const whole = Buffer.from(FLAT, 'base64');
    for (let length = 0; length < whole.length; length++) {
      expect(['truncated', 'malformed']).toContain(refusalOf(whole.subarray(0, length)));
    }
  });

  it('that unfolds from few bytes into billions of values is refused quickly', () => {
    const layers = Array.from({ length: 40 }, (_, i) => [0x5d, 0x94, 0x28, ...Array(4).fill([0x68, i]).flat(), 0x65]);
    const bomb = Buffer.from([0x80, 4, 0x5d, 0x94, ...layers.flat(), 0x2e]);
    expect(bomb.length).toBeLessThan(600);
    expect(refusalOf(bomb)).toBe('too_complex');
  });

  it('over the size limit is not even looked at', () => {
    expect(refusalOf(new Uint8Array(MAX_PICKLE_BYTES + 1))).toBe('too_large');
  });
});
