import { Unreadable } from './unreadable.ts';

/** Operations for opcodes: reading arguments, and pushing to and popping from the stack. */
export interface Machine {
  push(value: unknown): void;
  pop(): unknown;
  /** Everything above the newest mark, lowest first. */
  popToMark(): unknown[];
  take(length: number): unknown;
  line(): string;
  u8(): number;
  u32(): number;
  u64(): number;
}

/**
 * Opcodes of values that JSON can't represent. Each consumes the same stack items and bytes as in Python, so that everything around it
 * can be read, and pushes an Unreadable that names the type. Nothing is imported or called.
 */
export const PICKLED_OBJECTS: Readonly<Record<number, (machine: Machine) => void>> = {
  0x63: (m) => m.push(new Unreadable(`${m.line()}.${m.line()}`)), // GLOBAL
  0x93: (m) => {
    const name = m.pop();
    const module = m.pop();
    m.push(new Unreadable(typeof module === 'string' && typeof name === 'string' ? `${module}.${name}` : 'object'));
  }, // STACK_GLOBAL
  0x52: (m) => replace(m, 2), // REDUCE
  0x81: (m) => replace(m, 2), // NEWOBJ
  0x92: (m) => replace(m, 3), // NEWOBJ_EX
  0x62: (m) => replace(m, 2), // BUILD
  0x6f: (m) => m.push(kindOf(m.popToMark()[0])), // OBJ
  0x69: (m) => {
    const kind = `${m.line()}.${m.line()}`;
    m.popToMark();
    m.push(new Unreadable(kind));
  }, // INST
  0x50: (m) => {
    m.line();
    m.push(new Unreadable('object'));
  }, // PERSID
  0x51: (m) => replace(m, 1), // BINPERSID
  0x82: (m) => extension(m, 1), // EXT1
  0x83: (m) => extension(m, 2), // EXT2
  0x84: (m) => extension(m, 4), // EXT4
  0x43: (m) => bytes(m, m.u8()), // SHORT_BINBYTES
  0x42: (m) => bytes(m, m.u32()), // BINBYTES
  0x8e: (m) => bytes(m, m.u64()), // BINBYTES8
  0x96: (m) => bytes(m, m.u64()), // BYTEARRAY8
  0x55: (m) => bytes(m, m.u8()), // SHORT_BINSTRING
  0x54: (m) => bytes(m, m.u32()), // BINSTRING
  0x97: (m) => m.push(new Unreadable('buffer')), // NEXT_BUFFER
  0x98: () => undefined, // READONLY_BUFFER
  0x8f: (m) => m.push(new Unreadable('set')), // EMPTY_SET
  0x90: (m) => void m.popToMark(), // ADDITEMS
  0x91: (m) => {
    m.popToMark();
    m.push(new Unreadable('frozenset'));
  }, // FROZENSET
};

/** Replaces some items by an Unreadable. The lowest item names its type. */
function replace(machine: Machine, items: number): void {
  let lowest: unknown;
  for (let taken = 0; taken < items; taken++) lowest = machine.pop();
  machine.push(kindOf(lowest));
}

function kindOf(maker: unknown): Unreadable {
  return maker instanceof Unreadable ? maker : new Unreadable('object');
}

function extension(machine: Machine, length: number): void {
  machine.take(length);
  machine.push(new Unreadable('object'));
}

function bytes(machine: Machine, length: number): void {
  machine.take(length);
  machine.push(new Unreadable('bytes'));
}
