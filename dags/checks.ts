import { createHash, scryptSync } from 'node:crypto';
import { ibanCheckDigits, type Application } from './application.ts';

/** The real, if small, work of the onboarding tasks: pure functions of an application. */

export interface StatementLine {
  date: string;
  amount: number;
  text: string;
}

export function parseStatement(application: Application): StatementLine[] {
  const text = documentText(application, 'statement');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(';'))
    .map(([date, amount, entry]) => ({ date: date!, amount: Number(amount), text: entry! }));
}

export function documentText(application: Application, kind: string): string {
  const document = application.documents.find((candidate) => candidate.kind === kind);
  if (!document) throw new Error(`the application holds no ${kind}`);
  return document.text;
}

/** SHA-256 of a document, as hex. */
export function fingerprint(application: Application, kind: string): string {
  return createHash('sha256').update(documentText(application, kind)).digest('hex');
}

export function passportNames(application: Application): string[] {
  return documentText(application, 'passport').slice(4).split(/<+/).filter(Boolean);
}

export function ibanIsValid({ iban }: Application): boolean {
  return ibanCheckDigits(iban.slice(0, 2), iban.slice(4)) === iban.slice(2, 4);
}

/** Share of pairs of letters that two texts have in common (Sørensen–Dice), 0 to 1. */
export function similarity(a: string, b: string): number {
  const pairs = (text: string): Set<string> =>
    new Set([...text.toLowerCase()].map((_, at, all) => all.slice(at, at + 2).join('')));
  const [left, right] = [pairs(a), pairs(b)];
  const common = [...left].filter((pair) => right.has(pair)).length;
  return (2 * common) / (left.size + right.size);
}

const SANCTIONED = ['Victor Lustig', 'Charles Ponzi', 'Frank Abagnale', 'Natwarlal Srivastava'];

/** Highest similarity to a name on the list, 0 to 1. */
export function sanctionsLikeness({ name }: Application): number {
  return Math.max(...SANCTIONED.map((listed) => similarity(listed, name)));
}

/** Mean and standard deviation of the spending, in euros. */
export function spending(lines: readonly StatementLine[]): { mean: number; deviation: number } {
  const spent = lines.filter((line) => line.amount < 0).map((line) => -line.amount);
  const mean = spent.reduce((sum, amount) => sum + amount, 0) / spent.length;
  const variance = spent.reduce((sum, amount) => sum + (amount - mean) ** 2, 0) / spent.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** 0 (bad) to 1000: a logistic function of income, spending and age. */
export function creditScore(application: Application): number {
  const { mean, deviation } = spending(parseStatement(application));
  const age = 2026 - application.birthYear;
  const logit = application.income / 1_500 - mean / 250 - deviation / 500 + age / 60 - 2;
  return Math.round(1000 / (1 + Math.exp(-logit)));
}

/** Monthly instalment of an annuity, in euros. */
export function instalment(principal: number, yearlyRate: number, months: number): number {
  const rate = yearlyRate / 12;
  return (principal * rate) / (1 - (1 + rate) ** -months);
}

/** Key for the user's vault, by scrypt with a small cost. */
export function vaultKey(application: Application): string {
  return scryptSync(application.email, application.applicationId, 32, { N: 1024 }).toString('hex');
}

/** Root of the hash tree over the lines of all documents. */
export function merkleRoot(application: Application): string {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  let level = application.documents.flatMap((document) => document.text.split('\n')).map(hash);
  while (level.length > 1) {
    level = level.filter((_, at) => at % 2 === 0).map((left, at) => hash(left + (level[at * 2 + 1] ?? left)));
  }
  return level[0]!;
}

/** Fills in `{{name}}` placeholders. Throws if a value is missing. */
export function fillTemplate(template: string, values: Record<string, string | number>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template asks for "${name}", which is not given`);
    return String(value);
  });
}
