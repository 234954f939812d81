import type { RE2JS } from 're2js';

/** Airflow's limit of a run_id. */
const MAX_RUN_ID = 250;
/** Instructions of a compiled pattern, as RE2 numbers them. */
const OP = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nop: 7 } as const;
const FIRST_RUNE_OP = 8;
const LAST_RUNE_OP = 11;
const AT = { lineStart: 1, lineEnd: 2, start: 4, end: 8, boundary: 16, noBoundary: 32 } as const;

/** Classes of neighbouring characters that a pattern's assertions distinguish; `none` is the edge of the text. */
const KINDS = ['none', 'newline', 'word', 'other'] as const;
type Kind = (typeof KINDS)[number];
const SAMPLES = Array.from({ length: 128 }, (_, rune) => rune);

interface Instruction {
  op: number;
  out: number;
  arg: number;
  runes: ArrayLike<number>;
  matchRune(rune: number): boolean;
}

interface Place {
  at: number;
  before: Kind;
  after: Kind;
  /** State of the group for the value: not entered, entered, entered and not empty, or left and not empty. */
  group: 'outside' | 'empty' | 'filled' | 'found';
}

/**
 * Whether any run_id can match a pattern with a non-empty first group: `$a(b)`, `x()` and a pattern of 300 characters can't. Walks
 * through the compiled pattern, by the number of characters read.
 */
export function canMatch(pattern: RE2JS): boolean {
  const { inst, start } = pattern.re2().prog as { inst: Instruction[]; start: number };
  const seen = new Set<string>();
  let places: Place[] = KINDS.flatMap((before) =>
    KINDS.map((after): Place => ({ at: start, before, after, group: 'outside' })),
  );
  for (let read = 0; read <= MAX_RUN_ID && places.length > 0; read++) {
    const next: Place[] = [];
    const open = [...places];
    for (let place = open.pop(); place; place = open.pop()) {
      const name = Object.values(place).join();
      if (seen.has(name)) continue;
      seen.add(name);
      const instruction = inst[place.at]!;
      if (instruction.op === OP.match && place.group === 'found') return true;
      if (isRune(instruction)) next.push(...afterReading(place, instruction));
      else open.push(...withoutReading(place, instruction));
    }
    places = next;
  }
  return false;
}

function isRune({ op }: Instruction): boolean {
  return op >= FIRST_RUNE_OP && op <= LAST_RUNE_OP;
}

function withoutReading(place: Place, { op, out, arg }: Instruction): Place[] {
  if (op === OP.alt || op === OP.altMatch) {
    return [
      { ...place, at: out },
      { ...place, at: arg },
    ];
  }
  if (op === OP.nop) return [{ ...place, at: out }];
  if (op === OP.emptyWidth) return holds(arg, place) ? [{ ...place, at: out }] : [];
  if (op !== OP.capture) return [];
  if (arg === 2) return [{ ...place, at: out, group: 'empty' }];
  if (arg === 3) return [{ ...place, at: out, group: place.group === 'filled' ? 'found' : 'outside' }];
  return [{ ...place, at: out }];
}

function afterReading({ after, group }: Place, instruction: Instruction): Place[] {
  if (after === 'none' || !matchesKind(instruction, after)) return [];
  const filled = group === 'empty' ? 'filled' : group;
  return KINDS.map((next) => ({ at: instruction.out, before: after, after: next, group: filled }));
}

function matchesKind(instruction: Instruction, kind: Kind): boolean {
  const beyondAscii = Array.from(instruction.runes).filter((rune) => rune >= SAMPLES.length);
  return [...SAMPLES, ...beyondAscii].some((rune) => kindOf(rune) === kind && instruction.matchRune(rune));
}

function kindOf(rune: number): Kind {
  if (rune === 10) return 'newline';
  return rune < SAMPLES.length && /\w/.test(String.fromCharCode(rune)) ? 'word' : 'other';
}

/** Whether an assertion holds at a position between two characters. */
function holds(asked: number, { before, after }: Place): boolean {
  const isBoundary = (before === 'word') !== (after === 'word');
  const given =
    (before === 'none' ? AT.start | AT.lineStart : 0) |
    (before === 'newline' ? AT.lineStart : 0) |
    (after === 'none' ? AT.end | AT.lineEnd : 0) |
    (after === 'newline' ? AT.lineEnd : 0) |
    (isBoundary ? AT.boundary : AT.noBoundary);
  return (asked & ~given) === 0;
}
