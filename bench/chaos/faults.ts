import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICE_NAMES, THRESHOLD_SECONDS, type Stage } from './stage.ts';

/** One fault, with its beginning and end. */
export interface Fault {
  /** Name in the figures. */
  kind: string;
  name: string;
  /** Returns whether the fault really happened, because some faults need rights that this machine may not grant. */
  strike: (stage: Stage) => Promise<boolean>;
}

/** Long enough for statements to fail and be retried. */
const WINDOW_MS = 1_500;
const CUTS = 4;
/** Longer than the heartbeat threshold. */
const FREEZE_MS = (THRESHOLD_SECONDS + 1) * 1_000;

const onServices = (kind: string, verb: string, strike: (stage: Stage, service: string) => Promise<void>): Fault[] =>
  SERVICE_NAMES.map((service) => ({
    kind,
    name: `${verb} ${service}`,
    strike: async (stage) => {
      await strike(stage, service);
      return true;
    },
  }));

const SERVICE_FAULTS: Fault[] = [
  ...onServices('kill', 'kill', async (stage, service) => {
    await stage.end(service, 'SIGKILL');
    stage.start(service);
  }),
  ...onServices('freeze', 'freeze', async (stage, service) => {
    stage.signal(service, 'SIGSTOP');
    await sleep(FREEZE_MS);
    stage.signal(service, 'SIGCONT');
  }),
  ...onServices('clock_step', 'step the clock of', async (stage, service) => stage.signal(service, 'SIGUSR2')),
  ...onServices('end', 'end', async (stage, service) => {
    await stage.end(service, 'SIGTERM');
    stage.start(service);
  }),
];

const DATABASE_FAULTS: Fault[] = [
  { kind: 'cut', name: 'cut all connections', strike: cutConnections },
  { kind: 'read_only', name: 'read-only window', strike: readOnlyWindow },
  { kind: 'immediate_restart', name: 'immediate restart of the database', strike: (stage) => restart(stage, true) },
  { kind: 'disk_full', name: 'disk full', strike: diskFull },
  { kind: 'wal_full', name: 'disk of the write-ahead log full', strike: walFull },
  { kind: 'database_freeze', name: 'freeze the database', strike: freezeDatabase },
  { kind: 'restart', name: 'restart of the database', strike: (stage) => restart(stage, false) },
];

export const FAULT_KINDS = [...new Set([...SERVICE_FAULTS, ...DATABASE_FAULTS].map(({ kind }) => kind))];

/**
 * The faults of a round, which happen at the same time: one of a service and one of the database. The steps have no common divisor with
 * the numbers of faults, so a few rounds cover every kind, and many rounds cover every pair.
 */
export function faultsOf(round: number): Fault[] {
  return [
    SERVICE_FAULTS[(round * 7) % SERVICE_FAULTS.length]!,
    DATABASE_FAULTS[(round + Math.floor(round / SERVICE_FAULTS.length)) % DATABASE_FAULTS.length]!,
  ];
}

/** Cuts connections a few times, so that some are cut while they are being reopened. */
async function cutConnections(stage: Stage): Promise<boolean> {
  let cut = 0;
  for (let at = 0; at < CUTS; at++) {
    cut += await stage.cutConnections();
    await sleep(100 * at);
  }
  return cut > 0;
}

async function restart(stage: Stage, immediately: boolean): Promise<boolean> {
  await stage.stopDatabase(immediately);
  await stage.startDatabase();
  return true;
}

async function readOnlyWindow(stage: Stage): Promise<boolean> {
  const set = (value: string): Promise<void> =>
    stage.administer(`alter system set default_transaction_read_only = ${value}`, 'select pg_reload_conf()');
  await set('on');
  try {
    const refused = await stage.writesFailWith('25006');
    await sleep(WINDOW_MS);
    return refused;
  } finally {
    await set('off');
  }
}

async function diskFull(stage: Stage): Promise<boolean> {
  const makeRoom = stage.fillDisk('data');
  if (!makeRoom) return false;
  try {
    const refused = await stage.writesFailWith('53100');
    await sleep(WINDOW_MS);
    return refused;
  } finally {
    makeRoom();
  }
}

/** A server that can't write its write-ahead log stops. */
async function walFull(stage: Stage): Promise<boolean> {
  const makeRoom = stage.fillDisk('wal');
  if (!makeRoom) return false;
  try {
    const ended = await stage.useUpWal();
    await sleep(WINDOW_MS);
    return ended;
  } finally {
    makeRoom();
    await stage.reviveDatabase();
  }
}

async function freezeDatabase(stage: Stage): Promise<boolean> {
  stage.signalDatabase('SIGSTOP');
  await sleep(FREEZE_MS);
  stage.signalDatabase('SIGCONT');
  return true;
}
