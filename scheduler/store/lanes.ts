import pg from 'pg';
import type { Queryable } from './database.ts';

/** Channel that notifies a lane's schedulers of runs to examine. */
export function laneChannel(lane: string): string {
  return `runbeat:${lane}`;
}

/** SQL for the channel of a lane, given as SQL. */
export function laneChannelOf(lane: string): string {
  return `'runbeat:' || ${lane}`;
}

/** Contents of a notification: runs whose tasks have changed, or that runs wait to be started, or (empty) to examine everything. */
export interface Wake {
  runIds: number[];
  promote: boolean;
  everything: boolean;
}

export function parseWake(payload: string): Wake {
  if (payload === '') return { runIds: [], promote: true, everything: true };
  if (payload === 'queued') return { runIds: [], promote: true, everything: false };
  return { runIds: payload.split(',').map(Number), promote: false, everything: false };
}

/** Makes this connection listen for notifications of the lane. */
export async function listenToLane(db: Queryable, lane: string): Promise<void> {
  await db.query(`listen ${pg.escapeIdentifier(laneChannel(lane))}`);
}

/** Makes every scheduler of the lane examine everything. */
export async function wakeLane(db: Queryable, lane: string): Promise<void> {
  await db.query("select pg_notify($1, '')", [laneChannel(lane)]);
}
