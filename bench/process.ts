import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc (USER_HZ, the same on every Linux that Node runs on). */
const TICKS = 100;

/** Processor time that a process has used so far, of all its threads. */
export function processorSeconds(pid: number): number {
  const [user, system] = ticksOf(pid);
  return (user + system) / TICKS;
}

/** Processor time of a process and its children, those that have ended included. */
export function familySeconds(pid: number): number {
  const own = ticksOf(pid).reduce((sum, ticks) => sum + ticks, 0) / TICKS;
  return childrenOf(pid).reduce((sum, child) => sum + secondsOrNone(child), own);
}

export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** Ticks in user mode and in the kernel, then both of its children that have ended. */
function ticksOf(pid: number): [number, number, number, number] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return fields.slice(11, 15).map(Number) as [number, number, number, number];
}

function secondsOrNone(pid: number): number {
  try {
    return processorSeconds(pid);
  } catch {
    // It has ended since; its parent counts it.
    return 0;
  }
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}
