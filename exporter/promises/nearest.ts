import { distance } from 'fastest-levenshtein';

/** What is longer is not a name that was mistyped. */
const LONGEST = 250;

/** Known names that are similar to a wrong one, the closest first. */
export function nearest(wrong: string, known: Iterable<string>, most = 3): string[] {
  const plain = wrong.slice(0, LONGEST).replace(/[*?]/g, '').toLowerCase();
  const limit = Math.max(2, Math.ceil(plain.length / 2));
  return [...new Set(known)]
    .map((name) => ({
      name,
      far: distance(plain, name.toLowerCase()) - (name.toLowerCase().includes(plain) ? 100 : 0),
    }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** `; did you mean a, b?`, or an empty text. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const names = nearest(wrong, known);
  return names.length === 0 ? '' : `; did you mean ${names.join(', ')}?`;
}

/** `; did you mean a, b?`, or `; there are …` with all of them. */
export function whatThereIs(wrong: string, known: readonly string[]): string {
  return didYouMean(wrong, known) || `; there are ${known.join(', ')}`;
}
