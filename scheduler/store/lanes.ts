import pg from 'pg';

/** Channel on which a lane's schedulers hear of runs to look at. */
export function laneChannel(lane: string): string {
  return `runbeat:${lane}`;
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

export function listenStatement(lane: string): string {
  return `listen ${pg.escapeIdentifier(laneChannel(lane))}`;
}
