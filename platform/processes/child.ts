import { spawn, type ChildProcess } from 'node:child_process';

/** A child process. It keeps the end of its output for error messages. */
export class Child {
  private readonly process: ChildProcess;
  private output = '';
  private readonly guard: ChildProcess;
  private readonly ended: Promise<void>;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
    /** By default the environment of this process. */
    env?: NodeJS.ProcessEnv,
  ) {
    this.process = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-8_000)));
    }
    this.guard = endWithThisProcess(this.process.pid);
    this.ended = new Promise((resolve) => {
      this.process.on('exit', () => {
        this.guard.kill('SIGKILL');
        resolve();
      });
      this.process.on('error', (error) => {
        this.output += error.message;
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null && this.process.pid !== undefined;
  }

  /** Throws with the end of the output if the process has ended by itself. */
  mustRun(): void {
    if (!this.isRunning) throw new Error(`${this.name} has ended:\n${this.output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Sends SIGTERM, and SIGKILL if that is not enough. Resolves when the process has ended. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const impatient = setTimeout(() => this.signal('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(impatient);
  }

  /** Sends SIGKILL. Resolves when the process has ended. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** Ends a process if this one is killed: a shell waits for the end of a pipe that only this process holds open. */
function endWithThisProcess(pid: number | undefined): ChildProcess {
  const guard = spawn('sh', ['-c', `cat >/dev/null; kill -KILL ${pid ?? ''}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.unref();
  return guard;
}
