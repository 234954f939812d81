import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc (USER_HZ, the same on every Linux that Node runs on). */
const TICKS = 100;

/** CPU time that all threads of a process have used so far. */
export function processorSeconds(pid: number): number {
  const [user, system] = ticksOf(pid);
  return (user + system) / TICKS;
}

/** CPU time of a process and its children, including those that have ended. */
export function familySeconds(pid: number): number {
  const own = ticksOf(pid).reduce((sum, ticks) => sum + ticks, 0) / TICKS;
  return childrenOf(pid).reduce((sum, child) => sum + secondsOrNone(child), own);
}

export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** Ticks in user mode and in the kernel, then the same for ended children. */
function ticksOf(pid: number): [number, number, number, number] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return fields.slice(11, 15).map(Number) as [number, number, number, number];
}

function secondsOrNone(pid: number): number {
  try {
    return processorSeconds(pid);
  } catch {
    // The process has ended in the meantime; its parent counts it.
    return 0;
  }
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}
