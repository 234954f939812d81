import { describe, expect, it } from 'vitest';
import { decodePickle, PickleError } from '../../exporter/sources/pickle.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('pickles as Python writes them', () => {
  // Each made with pickle.dumps(value, protocol) of CPython 3.11.
  it.each<[string, string, unknown]>([
    ['{}', '80057d942e', {}],
    [
      'a nested dict of Airflow 2.7',
      '80059532000000000000007d94288c07757365725f6964944b2a8c0b6170706c69636174696f6e947d948c026964948c086170702d303034329473752e',
      { user_id: 42, application: { id: 'app-0042' } },
    ],
    ['2**40', '80058a060000000000012e', 2 ** 40],
    ['-2**40', '80058a060000000000ff2e', -(2 ** 40)],
    ['2**53 - 1', '80058a07ffffffffffff1f2e', 2 ** 53 - 1],
    ['2**63, which a double would round', '80058a090000000000000080002e', '9223372036854775808'],
    ['-1', '80054affffffff2e', -1],
    ['65535', '80054dffff2e', 65_535],
    ['0.5', '8005473fe00000000000002e', 0.5],
    ['(1, None, True)', '80054b014e8887942e', [1, null, true]],
    ['protocol 2', '80027d710058010000006171014b01732e', { a: 1 }],
    ['a list of one', '80055d948c016194612e', ['a']],
  ])('decodes %s', (_name, bytes, value) => {
    expect(JSON.parse(JSON.stringify(decodePickle(hex(bytes))))).toEqual(value);
  });

  it('keeps __proto__ as a key like any other', () => {
    const value = decodePickle(hex('80057d948c095f5f70726f746f5f5f948c0178 9473 2e')) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });
});

describe('pickles that are refused', () => {
  it.each<[string, string, string]>([
    ['GLOBAL os.system', '8002636f730a73797374656d0a2e', 'opcode'],
    ['STACK_GLOBAL', '80058c026f738c0673797374656d932e', 'opcode'],
    ['REDUCE', '80054e52 2e', 'opcode'],
    ['BUILD', '80054e4e62 2e', 'opcode'],
    ['PERSID', '8005500a2e', 'opcode'],
    ['EXT1', '800582012e', 'opcode'],
    ['nothing at all', '', 'truncated'],
    ['a cut string', '80058c0aff', 'truncated'],
    ['a frame longer than the bytes', '800595ffffffffffffffff4e2e', 'truncated'],
    ['a string of 4 GiB', '800558ffffffff2e', 'truncated'],
    ['no STOP', '80057d94', 'truncated'],
    ['bytes after STOP', '80054e2e4e', 'malformed'],
    ['an empty stack', '80052e', 'malformed'],
    ['SETITEMS without a mark', '80057d752e', 'malformed'],
    ['a memo that was never set', '800568052e', 'malformed'],
    ['text that is not UTF-8', '80058c01ff2e', 'malformed'],
    ['an unknown protocol', '80094e2e', 'malformed'],
    ['a list in itself', '80055d946800612e', 'too_large'],
  ])('%s', (_name, bytes, reason) => {
    let thrown: unknown;
    try {
      decodePickle(hex(bytes));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(PickleError);
    expect((thrown as PickleError).reason).toBe(reason);
  });

  it('a billion laughs: small bytes that unfold without end', () => {
    // l0 = [x, x, …]; l1 = [l0, l0, …]; … : each level named ten times from the memo.
    let code = '80054e94';
    for (let level = 0; level < 12; level++) {
      code += `5d9428${'68'.concat((2 * level).toString(16).padStart(2, '0')).repeat(10)}65 94`;
    }
    expect(() => decodePickle(hex(`${code}2e`))).toThrow(PickleError);
  });

  it('any bytes at all end in a value or a PickleError, and soon', () => {
    let state = 1;
    const next = (): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16;
    for (let round = 0; round < 3_000; round++) {
      const bytes = Buffer.from([0x80, 5, ...Array.from({ length: next() % 60 }, () => next() & 255)]);
      try {
        decodePickle(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(PickleError);
      }
    }
  });
});
