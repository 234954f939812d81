import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { UserError } from '../../platform/errors.ts';
import { PACKAGE_ROOT } from '../../platform/package.ts';
import { environmentWith } from '../config.ts';

const RUNBEAT = path.join(PACKAGE_ROOT, 'bin/runbeat.mjs');
const STOP_TIMEOUT_MS = 15_000;

interface Service {
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  process: ChildProcess | null;
  isFrozen: boolean;
}

/**
 * Runs the services as separate processes, as in production. Each has an IPC channel to this process and ends when it closes
 * (cli/main.ts), so even kill -9 of this process leaves none behind.
 */
export class Services {
  private readonly services = new Map<string, Service>();
  private stopping = false;
  private failing = true;

  /** Rejects with the end of the output if a service ends by itself (until `tolerate` is called), and when all are stopped. */
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: (text: string) => void,
  ) {
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

  /** Starts a service. For schedulers and workers, resolves when they are ready. */
  start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const service: Service = { args, env, process: null, isFrozen: false };
    this.services.set(name, service);
    const child = this.launch(name, service);
    const ready = new Promise<void>((resolve) => child.once('message', () => resolve()));
    return Promise.race([ready, this.failed]);
  }

  /** From now on, if a service ends, that is reported but does not end the demo. */
  tolerate(): void {
    this.failing = false;
  }

  /** Names of services that have ended or are frozen. */
  get broken(): string[] {
    return [...this.services].filter(([, it]) => it.process === null || it.isFrozen).map(([name]) => name);
  }

  /** Kills a service, as `kill -9` does. */
  kill(name: string): void {
    this.service(name).process?.kill('SIGKILL');
  }

  /** Suspends a service: the process exists, but does nothing. */
  freeze(name: string): void {
    const service = this.service(name);
    service.isFrozen = service.process?.kill('SIGSTOP') ?? false;
  }

  /** Resumes a frozen service, or starts an ended one again. Does nothing if it works. */
  mend(name: string): void {
    const service = this.service(name);
    if (service.isFrozen) {
      service.process?.kill('SIGCONT');
      service.isFrozen = false;
    }
    if (service.process === null) this.launch(name, service);
  }

  /** Stops all services, and kills those that have not ended by the timeout. */
  async stop(): Promise<void> {
    this.stopping = true;
    // Nothing should wait any longer for these services.
    this.fail(new UserError('the demo was ended'));
    const running = [...this.services.values()].flatMap(({ process }) => process ?? []);
    const ended = Promise.all(running.map((process) => new Promise((resolve) => process.once('exit', resolve))));
    for (const process of running) {
      process.kill('SIGCONT');
      process.kill('SIGTERM');
    }
    const impatient = setTimeout(() => running.forEach((process) => process.kill('SIGKILL')), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(impatient);
  }

  private service(name: string): Service {
    const service = this.services.get(name);
    if (!service) throw new Error(`The demo has no service ${name}.`);
    return service;
  }

  private launch(name: string, service: Service): ChildProcess {
    const child = spawn(process.execPath, [RUNBEAT, ...service.args], {
      env: environmentWith({ RUNBEAT_LOG_LEVEL: 'warn', ...this.env, ...service.env }),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C must reach only this process, which then stops its services in order.
      detached: true,
    });
    service.process = child;
    let lastWords = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-4_000);
      if (!this.stopping) process.stderr.write(prefixed(name, chunk.toString()));
    });
    child.on('exit', (code, signal) => {
      service.process = null;
      service.isFrozen = false;
      if (!this.stopping) this.ended(name, signal ?? `exit ${code}`, lastWords.trim());
    });
    return child;
  }

  private ended(name: string, how: string, lastWords: string): void {
    if (this.failing) this.fail(new UserError(`the ${name} ended (${how}):\n${lastWords}`));
    else this.say(`the ${name} ended (${how}); \`npx runbeat demo mend\` starts it again`);
  }
}

function prefixed(name: string, text: string): string {
  return text.replace(/^(?=.)/gm, `[${name}] `);
}
