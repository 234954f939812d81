import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { ShellSpec } from '../core/definition.ts';
import { after } from './longTimer.ts';

/** Time between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 5_000;
const LARGEST_VARIABLE = 100_000;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ShellRun {
  spec: ShellSpec;
  /** Variables of the worker that a spec may inherit. */
  environment: Readonly<Record<string, string>>;
  /** The run's conf as JSON text. */
  conf: string;
  /** Facts about the try, as RUNBEAT_… variables. */
  facts: Record<string, string>;
  timeoutSeconds: number | null;
  onOutput: (text: string) => void;
  /** Ends the process group when aborted. */
  signal: AbortSignal;
}

export type ShellResult = { ok: true } | { ok: false; message: string };

/**
 * Runs a command in its own process group with exactly the environment that its spec lists. At the timeout, the whole group gets
 * SIGTERM, and SIGKILL a little later. Processes that the command leaves behind are killed when it ends.
 */
export async function runShell(run: ShellRun): Promise<ShellResult> {
  const { spec } = run;
  const isLarge = Buffer.byteLength(run.conf) > LARGEST_VARIABLE;
  const scratch = spec.cwd === null ? mkdtempSync(path.join(tmpdir(), 'runbeat-task-')) : null;
  const confFolder = isLarge ? mkdtempSync(path.join(tmpdir(), 'runbeat-conf-')) : null;
  try {
    const env = { ...environmentOf(spec, run.environment), ...run.facts, ...confVariable(run.conf, confFolder) };
    const child = spawn(spec.shell, ['-c', spec.command], {
      cwd: scratch ?? (spec.cwd === '~' ? (env.HOME ?? homedir()) : spec.cwd!),
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return await supervise(child, run);
  } finally {
    for (const folder of [scratch, confFolder]) if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** Variables of a new process have a maximum length, so a larger conf is in a file that only this user can read. */
function confVariable(conf: string, folder: string | null): Record<string, string> {
  if (folder === null) return { RUNBEAT_CONF: conf };
  const file = path.join(folder, 'conf.json');
  writeFileSync(file, conf, { mode: 0o600 });
  return { RUNBEAT_CONF_FILE: file };
}

/** The environment of a command. It contains only those variables of the worker that the spec inherits. */
export function environmentOf(spec: ShellSpec, own: Readonly<Record<string, string>>): Record<string, string> {
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
    const onAbort = (): void => end('the worker is shutting down');
    const limit = run.timeoutSeconds;
    const timer = limit === null ? null : after(limit * 1000, () => end(`it ran longer than its limit of ${limit} s`));
    const finish = (result: ShellResult): void => {
      timer?.cancel();
      if (killer) clearTimeout(killer);
      run.signal.removeEventListener('abort', onAbort);
      // Kill processes that the command left running in its group without holding its pipes.
      signalGroup(child, 'SIGKILL');
      resolve(result);
    };
    run.signal.addEventListener('abort', onAbort);
    if (run.signal.aborted) onAbort();
    passOn(child, run.onOutput);
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(run.spec.stdin ?? '');
    child.on('error', (error) => finish({ ok: false, message: startProblem(run.spec, error) }));
    // A background process that holds the pipes would delay 'close' after the command itself has ended.
    child.on('exit', () => (killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS)));
    child.on('close', (code, signal) => finish(resultOf(ended, code, signal)));
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

/** Passes on stdout and stderr as one text in the order in which they arrive. */
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
    // The group has no processes left.
  }
}
