import {
  Composer,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import { exactNumber } from '../../platform/json.ts';
import { DefinitionError } from '../core/problems.ts';

const DEEPEST = 100;

/**
 * Parses a YAML document to JSON values. Numbers keep all their digits, and variables in an `env` are kept as written. Throws a
 * DefinitionError with the lines of invalid YAML, of types that JSON lacks, and of values that are nested too deeply.
 */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  const composer = new Composer({ intAsBigInt: true, resolveKnownTags: false });
  const [document, second] = [...composer.compose(tokensOf(text, lines), true, text.length)];
  if (second) throw new DefinitionError(['it must contain one document, without another one after ---']);
  const problems = [...document!.errors, ...document!.warnings];
  if (problems.length > 0)
    throw new DefinitionError(problems.map(({ message, pos }) => `${message} at ${place(lines, pos[0])}`));
  keepDigits(document!);
  return document!.toJS();
}

/** Limits the nesting before parsing, because the parser recurses for each level and gets slower with each. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > 2 * DEEPEST)
      throw new DefinitionError([`it must not be nested more than ${DEEPEST} levels deep`]);
  }
  yield* parser.end();
}

function keepDigits(document: Document): void {
  visit(document, {
    Scalar(_key, node, path) {
      if (typeof node.value !== 'number' && typeof node.value !== 'bigint') return;
      node.value = isVariable(path) ? node.source : numberOf(node);
    },
  });
}

function numberOf({ value, source }: Scalar): unknown {
  if (typeof value === 'bigint') return exactNumber(String(value));
  // In addition to JSON's numbers, YAML allows a plus sign, and no digits on one side of the decimal point.
  const [, sign, whole, fraction, exponent] = /^([-+]?)(\d*)(?:\.(\d*))?(e[-+]?\d+)?$/i.exec(source ?? '') ?? [];
  if (sign === undefined) return value;
  return exactNumber(`${sign === '-' ? '-' : ''}${whole || '0'}${fraction ? `.${fraction}` : ''}${exponent ?? ''}`);
}

/** Whether a scalar is in the `env` of a task or of the defaults. A run's `conf` may also contain an `env`. */
function isVariable(path: readonly (Document | Node | Pair)[]): boolean {
  const names = path.flatMap((node) => (isPair(node) && isScalar(node.key) ? [String(node.key.value)] : []));
  return names.at(-2) === 'env' && !names.includes('conf') && !names.includes('params') && isMap(path.at(-2));
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}
