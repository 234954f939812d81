import type { DataFrame } from '@grafana/data';

/** Describes what a panel's data lacks: `The fields start_date and end_date are missing. There are: Time, Value.` */
export function missingFields(frames: readonly DataFrame[], wanted: readonly string[]): string {
  const lacks = ({ fields }: DataFrame) => wanted.filter((name) => !fields.some((field) => field.name === name));
  const [closest] = [...frames].sort((a, b) => lacks(a).length - lacks(b).length);
  if (!closest) return '';
  const missing = lacks(closest);
  if (missing.length === 0) return '';
  const subject = missing.length === 1 ? `The field ${missing[0]} is` : `The fields ${listed(missing)} are`;
  const present = closest.fields.map(({ name }) => name).join(', ');
  return `${subject} missing. ${present ? `There are: ${present}.` : 'The data has no fields.'}`;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
