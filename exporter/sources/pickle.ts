import { MAX_CONF_DEPTH } from './confValues.ts';
import { PICKLED_OBJECTS } from './pickledObjects.ts';
import { Unreadable } from './unreadable.ts';

/**
 * Decodes the pickles that Airflow 2 stores in dag_run.conf: dicts, lists, tuples, strings, numbers, booleans and None, in the
 * protocols 2 to 5 (format: Python's pickletools.py). Every other value (such as a datetime, a Decimal, bytes or a numpy value)
 * becomes Unreadable: opcodes that build objects run code in Python, and none is run here.
 */

export type PickleReason = 'opcode' | 'truncated' | 'malformed' | 'too_large';

export class PickleError extends Error {
  constructor(
    readonly reason: PickleReason,
    detail: string,
  ) {
    super(detail);
    this.name = 'PickleError';
  }
}

/** Maximum number of values: a small pickle may refer to the same value many times, so its size alone is not a limit. */
const MAX_NODES = 100_000;
/** Maximum number of characters in all texts of a decoded value. A text counts each time that it is referenced. */
const MAX_CHARACTERS = 1024 * 1024;

const MARK = Symbol('mark');
type Item = unknown;

/**
 * Decodes a pickle. Dicts become objects without a prototype, tuples become arrays, integers beyond 2^53 become bigints, and values
 * that are not JSON-like become Unreadable. Throws a PickleError if the pickle is truncated, malformed, cyclic or too large.
 */
export function decodePickle(bytes: Uint8Array): unknown {
  const machine = new Machine(bytes);
  const value = machine.run();
  let nodes = 0;
  let characters = 0;
  const check = (item: unknown, depth: number): void => {
    if (typeof item === 'string') characters += item.length;
    if (++nodes > MAX_NODES || depth > MAX_CONF_DEPTH || characters > MAX_CHARACTERS)
      throw new PickleError('too_large', 'it expands too much');
    if (typeof item !== 'object' || item === null || item instanceof Unreadable) return;
    for (const [key, part] of Object.entries(item)) {
      characters += Array.isArray(item) ? 0 : key.length;
      check(part, depth + 1);
    }
  };
  check(value, 0);
  return value;
}

export class Machine {
  private readonly view: DataView;
  private at = 0;
  private readonly stack: Item[] = [];
  private readonly memo = new Map<number, Item>();

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Item {
    for (;;) {
      const opcode = this.u8();
      if (opcode === STOP) {
        if (this.stack.length !== 1 || this.at !== this.bytes.length) throw malformed('it does not end where it stops');
        return this.pop();
      }
      const operation = OPERATIONS[opcode] ?? PICKLED_OBJECTS[opcode];
      if (!operation) throw new PickleError('opcode', `opcode 0x${opcode.toString(16)} is unknown`);
      operation(this);
    }
  }

  take(length: number): number {
    const from = this.at;
    if (length < 0 || from + length > this.bytes.length) throw new PickleError('truncated', 'it is cut short');
    this.at += length;
    return from;
  }

  u8 = (): number => this.view.getUint8(this.take(1));
  u16 = (): number => this.view.getUint16(this.take(2), true);
  u32 = (): number => this.view.getUint32(this.take(4), true);
  i32 = (): number => this.view.getInt32(this.take(4), true);
  f64 = (): number => this.view.getFloat64(this.take(8), false);
  u64 = (): number => {
    const value = this.view.getBigUint64(this.take(8), true);
    if (value > BigInt(this.bytes.length)) throw new PickleError('truncated', 'it is cut short');
    return Number(value);
  };

  text(length: number): string {
    const from = this.take(length);
    return decodeText(this.bytes.subarray(from, from + length));
  }

  /** The rest of a line, without its end. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleError('truncated', 'it is cut short');
    const text = this.text(end - this.at);
    this.at += 1;
    return text;
  }

  /** Little-endian two's complement of any length. */
  long(length: number): Item {
    const from = this.take(length);
    let value = 0n;
    for (let byte = length - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(this.bytes[from + byte]!);
    const signed = length > 0 ? BigInt.asIntN(length * 8, value) : 0n;
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  push(item: Item): void {
    this.stack.push(item);
  }

  pop(): Item {
    if (this.stack.length === 0) throw malformed('it takes more than it has');
    const item = this.stack.pop();
    if (item === MARK) throw malformed('a mark stands where a value should');
    return item;
  }

  top(): Item {
    if (this.stack.length === 0) throw malformed('it takes more than it has');
    return this.stack[this.stack.length - 1];
  }

  popToMark(): Item[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw malformed('a mark is missing');
    const items = this.stack.splice(mark + 1);
    this.stack.pop();
    return items;
  }

  memoize(index: number): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw malformed('it names a value that it never kept');
    this.push(this.memo.get(index));
  }

  nextMemo(): number {
    return this.memo.size;
  }
}

/** UTF-8, with halves of surrogate pairs as Python's `surrogatepass` writes them. */
function decodeText(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    const [middle = 0, last = 0] = bytes.subarray(at + 1, at + 3);
    if (middle < 0xa0 || at + 2 >= bytes.length) continue;
    text += decodeUtf8(bytes.subarray(from, at)) + String.fromCharCode(0xd000 | ((middle & 0x3f) << 6) | (last & 0x3f));
    from = at + 3;
  }
  return text + decodeUtf8(bytes.subarray(from));
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw malformed('it holds text that is not UTF-8');
  }
}
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(detail: string): PickleError {
  return new PickleError('malformed', detail);
}

/** Sets items of a dict. An item whose key JSON can't represent is dropped. */
function setItems(target: Item, items: readonly Item[]): void {
  if (items.length % 2 !== 0) throw malformed('a dict key without a value');
  if (target instanceof Unreadable) return;
  if (typeof target !== 'object' || target === null || Array.isArray(target)) throw malformed('items of no dict');
  for (let at = 0; at < items.length; at += 2) {
    const key = items[at];
    if (typeof key !== 'object' || key === null) (target as Record<string, unknown>)[String(key)] = items[at + 1];
  }
}

function append(target: Item, items: readonly Item[]): void {
  if (target instanceof Unreadable) return;
  if (!Array.isArray(target)) throw malformed('items of no list');
  for (const item of items) target.push(item);
}

function tuple(machine: Machine, length: number): void {
  const items = Array.from({ length }, () => machine.pop()).reverse();
  machine.push(items);
}

function protocol(machine: Machine): void {
  const version = machine.u8();
  if (version < 2 || version > 5) throw malformed(`protocol ${version} is unknown`);
}

const STOP = 0x2e;

/** Opcodes by their byte; names as in pickletools. */
const OPERATIONS: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: protocol,
  0x95: (m) => void m.u64(), // FRAME
  0x28: (m) => m.push(MARK),
  0x30: (m) => void m.pop(), // POP
  0x31: (m) => void m.popToMark(), // POP_MARK
  0x32: (m) => m.push(m.top()), // DUP
  0x4e: (m) => m.push(null), // NONE
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.i32()), // BININT
  0x4b: (m) => m.push(m.u8()), // BININT1
  0x4d: (m) => m.push(m.u16()), // BININT2
  0x8a: (m) => m.push(m.long(m.u8())), // LONG1
  0x8b: (m) => m.push(m.long(m.i32())), // LONG4
  0x47: (m) => m.push(m.f64()), // BINFLOAT
  0x8c: (m) => m.push(m.text(m.u8())), // SHORT_BINUNICODE
  0x58: (m) => m.push(m.text(m.u32())), // BINUNICODE
  0x8d: (m) => m.push(m.text(m.u64())), // BINUNICODE8
  0x7d: (m) => m.push(Object.create(null)), // EMPTY_DICT
  0x73: (m) => {
    const value = m.pop();
    const key = m.pop();
    setItems(m.top(), [key, value]);
  }, // SETITEM
  0x75: (m) => {
    const items = m.popToMark();
    setItems(m.top(), items);
  }, // SETITEMS
  0x5d: (m) => m.push([]), // EMPTY_LIST
  0x61: (m) => {
    const item = m.pop();
    append(m.top(), [item]);
  }, // APPEND
  0x65: (m) => {
    const items = m.popToMark();
    append(m.top(), items);
  }, // APPENDS
  0x29: (m) => m.push([]), // EMPTY_TUPLE
  0x74: (m) => m.push(m.popToMark()), // TUPLE
  0x85: (m) => tuple(m, 1),
  0x86: (m) => tuple(m, 2),
  0x87: (m) => tuple(m, 3),
  0x94: (m) => m.memoize(m.nextMemo()), // MEMOIZE
  0x71: (m) => m.memoize(m.u8()), // BINPUT
  0x72: (m) => m.memoize(m.u32()), // LONG_BINPUT
  0x68: (m) => m.recall(m.u8()), // BINGET
  0x6a: (m) => m.recall(m.u32()), // LONG_BINGET
};
