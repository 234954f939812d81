import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { startedByNpm } from '../config.ts';

const LOOK_EVERY_MS = 500;

/**
 * Calls back when the process that started this one has ended. npm starts scripts through a shell, and forwards signals only to that
 * shell. So if npm is killed, the demo would otherwise keep running.
 */
export function whenParentsEnd(onEnd: () => void): void {
  const parent = process.ppid;
  const npm = startedByNpm() ? parentOf(parent) : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || isRunning(npm))) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MS);
  timer.unref();
}

function parentOf(pid: number): number | null {
  const status = `/proc/${pid}/status`;
  const text = existsSync(status)
    ? /^PPid:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim();
  const parent = Number(text);
  return parent > 1 ? parent : null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
