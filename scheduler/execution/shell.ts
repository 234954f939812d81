import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { ShellSpec } from '../core/definition.ts';

/** Between the polite and the final signal. */
const KILL_AFTER_MS = 5_000;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ShellRun {
  spec: ShellSpec;
  /** Facts about the attempt, as RUNBEAT_… variables. */
  facts: Record<string, string>;
  timeoutSeconds: number | null;
  onOutput: (text: string) => void;
  /** Ends the process group when aborted. */
  signal: AbortSignal;
}

export type ShellResult = { ok: true } | { ok: false; message: string };

/**
 * Runs a command in a process group of its own with exactly the environment that its spec lists. Everything that the
 * command started is ended with it: politely at the timeout, for good a little later.
 */
export async function runShell(run: ShellRun): Promise<ShellResult> {
  const { spec } = run;
  const scratch = spec.cwd === null ? mkdtempSync(path.join(tmpdir(), 'runbeat-task-')) : null;
  const env = { ...environmentOf(spec, process.env), ...run.facts };
  try {
    const child = spawn(spec.shell, ['-c', spec.command], {
      cwd: scratch ?? (spec.cwd === '~' ? (env.HOME ?? homedir()) : spec.cwd!),
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return await supervise(child, run);
  } finally {
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Nothing of the worker's own environment is in it but what the spec inherits by name. */
export function environmentOf(spec: ShellSpec, own: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of spec.inherit) if (own[name] !== undefined) env[name] = own[name];
  Object.assign(env, spec.env);
  const programs: string[] = [];
  if (spec.virtualenv) {
    env.VIRTUAL_ENV = spec.virtualenv;
    programs.push(path.join(spec.virtualenv, 'bin'));
  }
  if (spec.node_modules) {
    env.NODE_PATH = spec.node_modules;
    programs.push(path.join(spec.node_modules, '.bin'));
  }
  env.PATH = [...programs, env.PATH].join(path.delimiter);
  return env;
}

function supervise(child: ChildProcess, run: ShellRun): Promise<ShellResult> {
  return new Promise((resolve) => {
    let ended: string | null = null;
    let killer: NodeJS.Timeout | null = null;
    const end = (why: string): void => {
      if (ended !== null) return;
      ended = why;
      signalGroup(child, 'SIGTERM');
      killer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS);
    };
    const onAbort = (): void => end('the worker was told to end');
    const limit = run.timeoutSeconds;
    const timer =
      limit === null ? null : setTimeout(() => end(`it ran longer than its limit of ${limit} s`), limit * 1000);
    const settle = (result: ShellResult): void => {
      if (timer) clearTimeout(timer);
      if (killer) clearTimeout(killer);
      run.signal.removeEventListener('abort', onAbort);
      // What the command left running in its group, holding none of its pipes, goes too.
      signalGroup(child, 'SIGKILL');
      resolve(result);
    };
    run.signal.addEventListener('abort', onAbort);
    if (run.signal.aborted) onAbort();
    passOn(child, run.onOutput);
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(run.spec.stdin ?? '');
    child.on('error', (error) => settle({ ok: false, message: startProblem(run.spec, error) }));
    // A background process that holds the pipes would keep 'close' away after the command itself has ended.
    child.on('exit', () => (killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS)));
    child.on('close', (code, signal) => settle(resultOf(ended, code, signal)));
  });
}

function resultOf(ended: string | null, code: number | null, signal: NodeJS.Signals | null): ShellResult {
  if (ended !== null) return { ok: false, message: ended };
  if (code === 0) return { ok: true };
  return {
    ok: false,
    message: signal ? `the command was ended by ${signal}` : `the command ended with exit status ${code}`,
  };
}

function startProblem(spec: ShellSpec, error: Error): string {
  const place = spec.cwd === null ? '' : ` in ${spec.cwd}`;
  return `the command could not be started with ${spec.shell}${place}: ${error.message}`;
}

/** stdout and stderr as one text in the order in which they arrive. */
function passOn(child: ChildProcess, onOutput: (text: string) => void): void {
  for (const stream of [child.stdout!, child.stderr!]) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => onOutput(decoder.write(chunk)));
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
