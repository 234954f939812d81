import { createHash } from 'node:crypto';

/** The `conf` of a run of `onboarding`. */
export interface OnboardingConf {
  user_id: number;
  application: { id: string };
}

/** An application. The demo has no form, so its data is derived from the ids of the user and the application. */
export interface Application {
  userId: number;
  applicationId: string;
  name: string;
  email: string;
  iban: string;
  country: string;
  /** Monthly, in euros. */
  income: number;
  birthYear: number;
  documents: { kind: string; text: string }[];
}

const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances'];
const SURNAMES = ['Berg', 'Okafor', 'Silva', 'Novak', 'Tanaka', 'Haddad', 'Moreau', 'Kowalska'];
const COUNTRIES = ['DE', 'FR', 'NL', 'ES', 'PL', 'IT'];

/** Throws if `conf` names no user. */
export function readApplication(conf: OnboardingConf): Application {
  const { user_id: userId, application } = conf;
  if (!Number.isInteger(userId) || typeof application?.id !== 'string') {
    throw new Error('conf must contain user_id (a whole number) and application.id (text)');
  }
  const digest = createHash('sha256').update(`${userId}:${application.id}`).digest();
  const pick = <Value>(values: readonly Value[], at: number): Value => values[digest[at]! % values.length]!;
  const name = `${pick(NAMES, 0)} ${pick(SURNAMES, 1)}`;
  const income = 1_500 + digest.readUInt16BE(2) / 10;
  const bban = BigInt(`0x${digest.subarray(4, 12).toString('hex')}`)
    .toString()
    .padStart(18, '0')
    .slice(0, 18);
  return {
    userId,
    applicationId: application.id,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}.${userId}@example.org`,
    iban: `DE${ibanCheckDigits('DE', bban)}${bban}`,
    country: pick(COUNTRIES, 12),
    income: Math.round(income),
    birthYear: 1950 + (digest[13]! % 55),
    documents: [
      { kind: 'passport', text: `P<${pick(COUNTRIES, 12)}${name.toUpperCase().replace(' ', '<<')}<<<<<<${userId}` },
      { kind: 'payslip', text: `date;gross;net\n2026-01;${(income * 1.5).toFixed(2)};${income.toFixed(2)}` },
      { kind: 'statement', text: statement(digest, income) },
    ],
  };
}

/** ISO 13616: 98 minus the rest of the number with the country behind it, modulo 97. */
export function ibanCheckDigits(country: string, bban: string): string {
  const digits = [...`${bban}${country}00`].map((c) => (/[A-Z]/.test(c) ? String(c.charCodeAt(0) - 55) : c)).join('');
  return String(98n - (BigInt(digits) % 97n)).padStart(2, '0');
}

function statement(digest: Buffer, income: number): string {
  const lines = [...digest].map((byte, day) => {
    const amount = day % 16 === 0 ? income : -(byte * 3.1);
    return `2026-01-${String((day % 31) + 1).padStart(2, '0')};${amount.toFixed(2)};entry ${byte}`;
  });
  return ['date;amount;text', ...lines].join('\n');
}
