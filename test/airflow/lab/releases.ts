import path from 'node:path';
import { NEWEST_RELEASE, release, type Release } from '../../../cli/demo/airflow/release.ts';

const here = path.resolve(import.meta.dirname, '..');

export const RELEASES = {
  'airflow2.7': release(here, '2.7.3', '405de8318b3a', true),
  'airflow2.10': release(here, '2.10.5', '5f2621c13b39'),
  'airflow2.11': release(here, '2.11.0', '5f2621c13b39'),
  'airflow3.0': release(here, '3.0.6', 'fe199e1abd77'),
  'airflow3.1': release(here, '3.1.8', '509b94a1042d'),
  'airflow3.2': release(here, '3.2.2', '1d6611b6ab7c'),
  'airflow3.3': NEWEST_RELEASE,
  'airflow3.4': release(here, '3.4.0b2', '9cffe90fa0c0'),
} as const;

export type ReleaseName = keyof typeof RELEASES;

/** The releases on which every change is tested: the last of 2.x and the newest. More would take too long. */
const TESTED_ALWAYS: readonly ReleaseName[] = ['airflow2.11', 'airflow3.3'];

/** Names of releases separated by commas, `all`, or nothing for those on which every change is tested. */
export function releasesFrom(text: string | undefined): ReleaseName[] {
  if (!text) return [...TESTED_ALWAYS];
  const known = Object.keys(RELEASES) as ReleaseName[];
  if (text === 'all') return known;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(name in RELEASES));
  if (unknown.length > 0) throw new Error(`There is no release ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  return names as ReleaseName[];
}

/** The requested releases, by default these, between which and Runbeat there are links in both directions. */
export function linkedReleases(text: string | undefined): ReleaseName[] {
  return text ? releasesFrom(text) : ['airflow2.11', 'airflow3.1'];
}

/** Every release that `npm run test:airflow` starts. The last one is the demo's. */
export function releasesToInstall(text: string | undefined): Release[] {
  return [...new Set<ReleaseName>([...releasesFrom(text), ...linkedReleases(text), 'airflow3.3'])].map(
    (name) => RELEASES[name],
  );
}
