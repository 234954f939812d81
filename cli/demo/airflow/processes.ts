import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';

const GRACE_MS = 15_000;

/** The processes of one Airflow. They run in `home`, log to `home/process-logs`, and are stopped together. */
export class ProcessGroup {
  private readonly children = new Map<string, ChildProcess>();
  private readonly started = new Map<string, string[]>();
  private readonly guard: ChildProcess;

  constructor(
    private readonly command: string,
    private readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    mkdirSync(path.join(home, 'process-logs'), { recursive: true });
    this.guard = endWithThisProcess(home);
  }

  /** Starts `airflow <args>` in its own process group and returns its pid. */
  start(name: string, args: string[]): number {
    if (this.has(name)) throw new Error(`Airflow's ${name} has already been started.`);
    const log = openSync(this.logOf(name), 'a');
    const child = spawn(this.command, args, {
      cwd: this.home,
      env: { ...this.env, RUNBEAT_LAB_HOST: name },
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.children.set(name, child);
    this.started.set(name, args);
    return child.pid!;
  }

  /** Starts `airflow <args>` for a process that may end at any time. */
  startAside(name: string, args: string[]): void {
    this.start(name, args);
    const child = this.child(name);
    this.children.delete(name);
    child.once('error', () => undefined);
  }

  has(name: string): boolean {
    return this.children.has(name);
  }

  names(): string[] {
    return [...this.children.keys()];
  }

  /** Whether a process is one of these processes or their descendants. */
  owns(pid: number): boolean {
    return workingFolderOf(String(pid)) === this.home;
  }

  /** Runs `airflow <args>` to its end. Rejects with the end of its output if it fails. */
  async run(name: string, args: string[]): Promise<void> {
    this.start(name, args);
    const code = await exitOf(this.child(name));
    this.children.delete(name);
    if (code !== 0) throw new Error(`airflow ${args.join(' ')} failed (exit ${code}):\n${this.tail(name)}`);
  }

  /** Throws, with the end of its log, if a process has ended that should be running. */
  assertAlive(): void {
    for (const [name, child] of this.children) {
      if (hasEnded(child)) throw new Error(`Airflow's ${name} ended (exit ${child.exitCode}):\n${this.tail(name)}`);
    }
  }

  /** Kills one process with everything that it forked, as the out-of-memory killer would. */
  async kill(name: string): Promise<void> {
    const child = this.child(name);
    this.children.delete(name);
    const ended = exitOf(child);
    signalGroup(child.pid!, 'SIGKILL');
    await ended;
  }

  /** Starts an ended process again with the same arguments. */
  startAgain(name: string): void {
    this.start(name, this.started.get(name)!);
  }

  /** Stops one process gracefully and starts it again, as a deployment does. Kills it if it takes too long. */
  async restart(name: string, graceMs = GRACE_MS): Promise<void> {
    const child = this.child(name);
    this.children.delete(name);
    const impatient = setTimeout(() => signalGroup(child.pid!, 'SIGKILL'), graceMs);
    signalGroup(child.pid!, 'SIGTERM');
    await exitOf(child);
    clearTimeout(impatient);
    this.startAgain(name);
  }

  /** Suspends one process until the returned function is called: it exists, but does nothing. */
  suspend(name: string): () => void {
    const { pid } = this.child(name);
    signalGroup(pid!, 'SIGSTOP');
    return () => signalGroup(pid!, 'SIGCONT');
  }

  /** Suspends all processes in the folder whose title matches, e.g. the workers of the executor. */
  suspendTitled(title: RegExp): () => void {
    const pids = this.titled(title);
    if (pids.length === 0) throw new Error(`There is no process with the title ${title.source}.`);
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return () => pids.forEach((pid) => signal(pid, 'SIGCONT'));
  }

  /** The pids of all processes in the folder whose title matches. */
  titled(title: RegExp): number[] {
    return processesIn(this.home).filter((pid) => title.test(titleOf(pid)));
  }

  /** Sends SIGTERM to every group, and SIGKILL to what remains after the grace period and to tasks that left their group. */
  async stop(): Promise<void> {
    const running = [...this.children.values()].filter((child) => !hasEnded(child));
    const impatient = setTimeout(this.killAll, GRACE_MS);
    for (const child of running) {
      signalGroup(child.pid!, 'SIGTERM');
      signalGroup(child.pid!, 'SIGCONT');
    }
    await Promise.all(running.map(exitOf));
    clearTimeout(impatient);
    this.killAll();
    const guarded = exitOf(this.guard);
    this.guard.stdin!.end();
    await guarded;
  }

  tail(name: string): string {
    return readFileSync(this.logOf(name), 'utf8').split('\n').slice(-25).join('\n');
  }

  logOf(name: string): string {
    return path.join(this.home, 'process-logs', `${name}.log`);
  }

  private child(name: string): ChildProcess {
    const child = this.children.get(name);
    if (child) return child;
    throw new Error(
      `Airflow has no process ${name} that was started and not ended; it has ${this.names().join(', ') || 'none'}.`,
    );
  }

  private readonly killAll = (): void => {
    for (const child of this.children.values()) signalGroup(child.pid!, 'SIGKILL');
    for (const pid of processesIn(this.home)) signal(pid, 'SIGKILL');
  };
}

/**
 * Ends all processes in the folder if this process is killed: a shell waits for the end of a pipe that only this process holds open. It
 * needs Linux's /proc. On other systems, only an orderly stop ends everything.
 */
function endWithThisProcess(folder: string): ChildProcess {
  const script = `cat >/dev/null
    for entry in /proc/[0-9]*; do
      [ "$(readlink "$entry/cwd")" = "$1" ] && kill -9 "\${entry#/proc/}"
    done`;
  const guard = spawn('sh', ['-c', script, 'guard', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  (guard.stdin as Socket).unref();
  return guard;
}

/** The processes with this working folder, which only this Airflow uses. Airflow puts task processes into separate groups. */
function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && workingFolderOf(entry) === folder)
    .map(Number);
}

function workingFolderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (hasEnded(child)) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
