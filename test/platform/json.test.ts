import fc from 'fast-check';
import { compareNumber, isLosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { parseJson, plainNumber, stringifyJson } from '../../platform/json.ts';

const digits = (least: number, most: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most })
    .map((items) => items.join('').replace(/^0+(?=\d)/, '') || '0');
const numberText = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 40), digits(0, 30), fc.option(fc.integer({ min: -400, max: 400 })))
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === '0' ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
  );

describe('numbers in JSON', () => {
  it('keep their exact value when they are parsed and written, whatever their size and digits', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const { n } = parseJson(stringifyJson(parseJson(`{"n":${text}}`))) as { n: unknown };
        expect(compareNumber(text, String(n).replace('e+', 'e'))).toBe(0);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['1234567890123456789', 1234567890123456789n],
    ['-9007199254740993', -9007199254740993n],
    ['1e20', 100000000000000000000n],
    ['12345678901234567890.0', 12345678901234567890n],
    ['9007199254740991', 9007199254740991],
    ['0.1', 0.1],
    ['1e-7', 1e-7],
  ])('%s is %s', (text, value) => {
    expect(parseJson(text)).toBe(value);
  });

  it('that JavaScript can’t represent keep all their digits as a separate type', () => {
    const value = parseJson('{"n": 0.1234567890123456789012}') as { n: unknown };
    expect(isLosslessNumber(value.n)).toBe(true);
    expect(String(value.n)).toBe('0.1234567890123456789012');
  });

  it('with too many digits are refused', () => {
    expect(() => parseJson('{"n": 1e131071}')).toThrow('a number has more than 1000 digits');
  });
});

describe('JSON with such numbers', () => {
  it('is otherwise read like JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (json) => {
        const text = `[12345678901234567890, ${json}]`;
        expect((parseJson(text) as unknown[])[1]).toEqual(parseJson(json));
        expect(stringifyJson(JSON.parse(json))).toBe(JSON.stringify(JSON.parse(json)));
      }),
      { numRuns: 50 },
    );
  });

  it('can’t set a prototype, and the last of equal keys counts', () => {
    const value = parseJson('{"id": 12345678901234567890, "__proto__": {"a": 1}, "b": 1, "b": 2}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['id', '__proto__', 'b']);
    expect(value).toMatchObject({ b: 2 });
  });

  it('that is nested too deeply is a syntax error', () => {
    expect(() => parseJson(`${'['.repeat(100_000)}12345678901234567890`)).toThrow(SyntaxError);
  });
});

describe('a number has one spelling', () => {
  it.each([
    ['1.0', '1'],
    ['-0.0', '0'],
    ['0.10', '0.1'],
    ['1e21', '1000000000000000000000'],
    ['1.5E+2', '150'],
    ['-1e-7', '-0.0000001'],
    ['12345678901234567890', '12345678901234567890'],
    ['0.12345678901234567890', '0.1234567890123456789'],
    ['123.4560', '123.456'],
    ['100', '100'],
  ])('%s is %s', (text, plain) => {
    expect(plainNumber(text)).toBe(plain);
  });

  it.each(['007', '1.', '.5', '+1', 'NaN', 'Infinity', '', '1e9999', '0x1f', '1 '])('%j is none', (text) => {
    expect(plainNumber(text)).toBeNull();
  });
});
