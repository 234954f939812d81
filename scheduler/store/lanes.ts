import pg from 'pg';
import type { Queryable } from './database.ts';

/** Channel on which a lane's schedulers hear of runs to look at. */
export function laneChannel(lane: string): string {
  return `runbeat:${lane}`;
}

/** The same as SQL, of a lane as SQL. */
export function laneChannelOf(lane: string): string {
  return `'runbeat:' || ${lane}`;
}

/** What a notification says: runs whose tasks changed, or that runs wait to be started, or (empty) look at everything. */
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

/** Has this connection notified of what concerns the lane. */
export async function listenToLane(db: Queryable, lane: string): Promise<void> {
  await db.query(`listen ${pg.escapeIdentifier(laneChannel(lane))}`);
}

/** Has every scheduler of the lane look at everything. */
export async function wakeLane(db: Queryable, lane: string): Promise<void> {
  await db.query("select pg_notify($1, '')", [laneChannel(lane)]);
}
