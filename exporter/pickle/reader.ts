import { ByteCursor } from './cursor.ts';
import type { PickleValue } from './decode.ts';
import { PickleRefused } from './refused.ts';

/** Where a group of stack items begins that a later opcode takes together. */
const MARK = Symbol('mark');
type StackItem = PickleValue | typeof MARK;

const STOP = 0x2e;
const HIGHEST_PROTOCOL = 5;
/** Python's own encoding of an int of arbitrary length; no id is longer than this. */
const MAX_INTEGER_BYTES = 64;

type Operation = (reader: PickleReader) => void;

/** The pickle machine: a stack, a memo, and the opcodes of plain data. */
export class PickleReader {
  private readonly stack: StackItem[] = [];
  private readonly memo = new Map<number, PickleValue>();
  readonly cursor: ByteCursor;

  constructor(bytes: Uint8Array) {
    this.cursor = new ByteCursor(bytes);
  }

  read(): PickleValue {
    for (;;) {
      const opcode = this.cursor.uint8();
      if (opcode === STOP) return this.pop();
      const operation = OPERATIONS[opcode];
      if (!operation) {
        const shown = `0x${opcode.toString(16).padStart(2, '0')}`;
        throw new PickleRefused('unsupported', `opcode ${shown} at byte ${this.cursor.position - 1}`);
      }
      operation(this);
    }
  }

  push(item: StackItem): void {
    this.stack.push(item);
  }

  pop(): PickleValue {
    const item = this.stack.pop();
    if (item === undefined || item === MARK) throw new PickleRefused('malformed', 'the stack has no value left');
    return item;
  }

  /** Everything above the newest mark, oldest first; the mark goes too. */
  popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleRefused('malformed', 'a group has no beginning');
    return this.stack.splice(at).slice(1) as PickleValue[];
  }

  appendAll(values: readonly PickleValue[]): void {
    const list = this.stack.at(-1);
    if (!Array.isArray(list)) throw new PickleRefused('malformed', 'items for something that is not a list');
    for (const value of values) list.push(value);
  }

  setAll(pairs: readonly PickleValue[]): void {
    const dict = this.stack.at(-1);
    if (!(dict instanceof Map) || pairs.length % 2 !== 0) {
      throw new PickleRefused('malformed', 'entries for something that is not a dict');
    }
    for (let at = 0; at < pairs.length; at += 2) dict.set(dictKey(pairs[at]!), pairs[at + 1]!);
  }

  remember(index: number): void {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleRefused('malformed', 'nothing to remember');
    this.memo.set(index, value);
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new PickleRefused('malformed', `nothing is remembered under ${index}`);
    this.push(value);
  }
}

/** Python's json writes int keys as their digits; any other key is no JSON. */
function dictKey(key: PickleValue): string {
  if (typeof key === 'string') return key;
  if (Number.isInteger(key) || typeof key === 'bigint') return String(key);
  throw new PickleRefused('unsupported', 'a dict key that is neither text nor an integer');
}

/** Little-endian two's complement of any length (pickle's LONG1 and LONG4). */
function longInteger(bytes: Uint8Array): number | bigint {
  if (bytes.length > MAX_INTEGER_BYTES) throw new PickleRefused('too_complex', 'an integer of more than 64 bytes');
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  const signed = BigInt.asIntN(bytes.length * 8, value);
  const small = Number(signed);
  return Number.isSafeInteger(small) ? small : signed;
}

function checkProtocol(version: number): void {
  if (version > HIGHEST_PROTOCOL) throw new PickleRefused('unsupported', `protocol ${version}`);
}

function tupleOf(length: number): Operation {
  return (reader) => {
    const items: PickleValue[] = [];
    for (let count = 0; count < length; count++) items.unshift(reader.pop());
    reader.push(items);
  };
}

const OPERATIONS: Readonly<Record<number, Operation>> = {
  /* PROTO            */ 0x80: (r) => checkProtocol(r.cursor.uint8()),
  /* FRAME            */ 0x95: (r) => void r.cursor.uint64(),
  /* MARK             */ 0x28: (r) => r.push(MARK),
  /* NONE             */ 0x4e: (r) => r.push(null),
  /* NEWTRUE          */ 0x88: (r) => r.push(true),
  /* NEWFALSE         */ 0x89: (r) => r.push(false),
  /* BININT           */ 0x4a: (r) => r.push(r.cursor.int32()),
  /* BININT1          */ 0x4b: (r) => r.push(r.cursor.uint8()),
  /* BININT2          */ 0x4d: (r) => r.push(r.cursor.uint16()),
  /* LONG1            */ 0x8a: (r) => r.push(longInteger(r.cursor.bytes(r.cursor.uint8()))),
  /* LONG4            */ 0x8b: (r) => r.push(longInteger(r.cursor.bytes(r.cursor.uint32()))),
  /* BINFLOAT         */ 0x47: (r) => r.push(r.cursor.float64()),
  /* SHORT_BINUNICODE */ 0x8c: (r) => r.push(r.cursor.text(r.cursor.uint8())),
  /* BINUNICODE       */ 0x58: (r) => r.push(r.cursor.text(r.cursor.uint32())),
  /* BINUNICODE8      */ 0x8d: (r) => r.push(r.cursor.text(r.cursor.uint64())),
  /* EMPTY_LIST       */ 0x5d: (r) => r.push([]),
  /* APPEND           */ 0x61: (r) => r.appendAll([r.pop()]),
  /* APPENDS          */ 0x65: (r) => r.appendAll(r.popToMark()),
  /* EMPTY_TUPLE      */ 0x29: (r) => r.push([]),
  /* TUPLE1           */ 0x85: tupleOf(1),
  /* TUPLE2           */ 0x86: tupleOf(2),
  /* TUPLE3           */ 0x87: tupleOf(3),
  /* TUPLE            */ 0x74: (r) => r.push(r.popToMark()),
  /* EMPTY_DICT       */ 0x7d: (r) => r.push(new Map()),
  /* SETITEM          */ 0x73: (r) => r.setAll([r.pop(), r.pop()].reverse()),
  /* SETITEMS         */ 0x75: (r) => r.setAll(r.popToMark()),
  /* MEMOIZE          */ 0x94: (r) => r.rememberNext(),
  /* BINPUT           */ 0x71: (r) => r.remember(r.cursor.uint8()),
  /* LONG_BINPUT      */ 0x72: (r) => r.remember(r.cursor.uint32()),
  /* BINGET           */ 0x68: (r) => r.recall(r.cursor.uint8()),
  /* LONG_BINGET      */ 0x6a: (r) => r.recall(r.cursor.uint32()),
};
