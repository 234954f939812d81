import path from 'node:path';

/** An Airflow that can be installed and started, pinned by the lock file in its folder. */
export interface Release {
  version: string;
  major: 2 | 3;
  minor: number;
  /** Value of alembic_version in its database. */
  head: string;
  /** Folder with requirements.in (the direct requirements) and requirements.txt (the lock file). */
  folder: string;
  /** Whether it stores serialized DAGs compressed, which is a setting of Airflow. */
  compressesDags: boolean;
}

/** The release with this lock file below `parent`. */
export function release(parent: string, version: string, head: string, compressesDags = false): Release {
  const [major, minor] = version.split('.').map(Number) as [2 | 3, number];
  return { version, major, minor, head, folder: path.join(parent, `airflow${major}.${minor}`), compressesDags };
}

/** The release that the demo runs, which is the newest one. */
export const NEWEST_RELEASE = release(import.meta.dirname, '3.3.2', 'd2f4e1b3c5a7');
