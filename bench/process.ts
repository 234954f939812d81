import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc (USER_HZ, the same on every Linux that Node runs on). */
const TICKS = 100;

/** Processor time that a process has used so far, of all its threads. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}
