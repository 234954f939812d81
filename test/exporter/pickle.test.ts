import { describe, expect, it } from 'vitest';
import { shownConf, valuesAt } from '../../exporter/sources/confValues.ts';
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

    ['-1', '80054affffffff2e', -1],
    ['65535', '80054dffff2e', 65_535],
    ['0.5', '8005473fe00000000000002e', 0.5],
    ['(1, None, True)', '80054b014e8887942e', [1, null, true]],
    ['protocol 2', '80027d710058010000006171014b01732e', { a: 1 }],
    ['a list of one', '80055d948c016194612e', ['a']],
  ])('decodes %s', (_name, bytes, value) => {
    expect(JSON.parse(JSON.stringify(decodePickle(hex(bytes))))).toEqual(value);
  });

  it('keeps all digits of an integer that a float would round', () => {
    expect(decodePickle(hex('80058a090000000000000080002e'))).toBe(9223372036854775808n);
  });

  it('keeps __proto__ as an ordinary key', () => {
    const value = decodePickle(hex('80057d948c095f5f70726f746f5f5f948c0178 9473 2e')) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });
});

describe('a value that JSON can’t represent affects no others', () => {
  // Each made with pickle.dumps({..., 'user_id': 1}, protocol) of CPython 3.11.
  it.each<[what: string, bytes: string, shown: object, lost: string]>([
    [
      'a datetime',
      '80059541000000000000007d94288c047768656e948c086461746574696d65948c086461746574696d65949394430a07ea010200000000000094859452948c07757365725f6964944b01752e',
      { when: null },
      'when (datetime.datetime)',
    ],
    [
      'a datetime with a time zone, protocol 2',
      '80027d71002858040000007768656e7101636461746574696d650a6461746574696d650a7102635f636f646563730a656e636f64650a7103580b00000007c3aa0102000000000000710458060000006c6174696e317105867106527107636461746574696d650a74696d657a6f6e650a7108636461746574696d650a74696d6564656c74610a71094b004b004b0087710a52710b85710c52710d86710e52710f5807000000757365725f696471104b01752e',
      { when: null },
      'when (datetime.datetime)',
    ],
    [
      'a Decimal',
      '8005953a000000000000007d94288c057072696365948c07646563696d616c948c07446563696d616c9493948c04312e353094859452948c07757365725f6964944b01752e',
      { price: null },
      'price (decimal.Decimal)',
    ],
    [
      'an OrderedDict, bytes, a set and a frozenset',
      '8005955a000000000000007d94288c016f948c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0161944b01738c016294430178948c0173948f94284b014b02908c016694284b0191948c07757365725f6964944b01752e',
      { o: null, b: null, s: null, f: null },
      'o (collections.OrderedDict), b (bytes), s (set), f (frozenset)',
    ],
    ['a dict key that is a tuple', '80059519000000000000007d94284b014b0286944b038c07757365725f6964944b01752e', {}, ''],
    [
      'half a surrogate pair, which JSON can represent',
      '8005951b000000000000007d94288c0174948c03eda080948c07757365725f6964944b01752e',
      { t: '\ud800' },
      '',
    ],
    [
      'opcodes that would run code, which are not executed',
      '80027d285801000000786 36f730a73797374656d0a58020000006c7385525807000000757365725f69644b01752e',
      { x: null },
      'x (os.system)',
    ],
  ])('%s', (_what, bytes, others, lost) => {
    const conf = decodePickle(hex(bytes));
    expect(valuesAt(conf, ['user_id'])).toEqual(['1']);
    const shown = shownConf(conf);
    expect(shown.conf).toEqual({ ...others, user_id: 1 });
    expect(shown.note ?? '').toContain(lost);
    for (const name of Object.keys(others)) {
      const text = shown.conf as Record<string, unknown>;
      expect(valuesAt(conf, [name])).toEqual([text[name]]);
    }
  });
});

describe('pickles that are refused', () => {
  it.each<[string, string, string]>([
    ['an unknown opcode', '8005ff2e', 'opcode'],
    ['REDUCE with an empty stack', '80054e52 2e', 'malformed'],
    ['GLOBAL without an end', '8002636f730a7379', 'truncated'],
    ['no bytes', '', 'truncated'],
    ['a truncated string', '80058c0aff', 'truncated'],
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

  it('a billion laughs: few bytes that expand without end', () => {
    // l0 = [x, x, …]; l1 = [l0, l0, …]; … : each level named ten times from the memo.
    let code = '80054e94';
    for (let level = 0; level < 12; level++) {
      code += `5d9428${'68'.concat((2 * level).toString(16).padStart(2, '0')).repeat(10)}65 94`;
    }
    expect(() => decodePickle(hex(`${code}2e`))).toThrow(PickleError);
  });

  it('arbitrary bytes soon give a value or a PickleError', () => {
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
