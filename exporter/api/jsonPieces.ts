/** Number of elements that exist at the same time, and are about a hundred kilobytes of JSON. */
const AT_ONCE = 100;

const BETWEEN = Buffer.from(',');

/**
 * The JSON of an object's members and its closing brace. The elements of a generator are written as an array, some at a time: with
 * thousands of them, keeping all until they are written would make the garbage collector the most expensive part of an answer.
 */
export function jsonMembers(object: object): Buffer[] {
  const pieces: Buffer[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (pieces.length > 0) pieces.push(BETWEEN);
    pieces.push(Buffer.from(`${JSON.stringify(name)}:`));
    if (isGenerator(value)) pieces.push(Buffer.from('['), ...jsonElements(value), Buffer.from(']'));
    else pieces.push(Buffer.from(JSON.stringify(value)));
  }
  return [...pieces, Buffer.from('}')];
}

function jsonElements(elements: Generator): Buffer[] {
  const pieces: Buffer[] = [];
  const write = (some: readonly unknown[]): void => {
    if (pieces.length > 0) pieces.push(BETWEEN);
    pieces.push(Buffer.from(JSON.stringify(some)).subarray(1, -1));
  };
  let some: unknown[] = [];
  for (const element of elements) {
    if (some.push(element) < AT_ONCE) continue;
    write(some);
    some = [];
  }
  if (some.length > 0) write(some);
  return pieces;
}

function isGenerator(value: unknown): value is Generator {
  return typeof value === 'object' && value !== null && 'next' in value;
}
