import path from 'node:path';

/** An Airflow that the lab can start, pinned by the lock file in its folder. */
export interface Release {
  version: string;
  major: 2 | 3;
  /** Folder with requirements.in (what we ask for) and requirements.txt (the frozen set). */
  folder: string;
  /** Whether it keeps its serialized DAGs compressed, which a setting of Airflow decides. */
  compressesDags: boolean;
}

const here = path.resolve(import.meta.dirname, '..');

function release(version: string, folder: string, compressesDags = false): Release {
  return { version, major: version.startsWith('2') ? 2 : 3, folder: path.join(here, folder), compressesDags };
}

/** `airflow2` and `airflow3` are run by every live test; the oldest and newest supported ones only feed fixtures. */
export const RELEASES = {
  airflow2: release('2.11.0', 'airflow2'),
  airflow3: release('3.1.8', 'airflow3'),
  'airflow2.7': release('2.7.3', 'airflow2.7', true),
  'airflow3.3': release('3.3.2', 'airflow3.3'),
} as const;

export type ReleaseName = keyof typeof RELEASES;
