import { spawn, type ChildProcess } from 'node:child_process';

/** A process that this one started; it remembers the end of its output for error messages. */
export class Child {
  private readonly process: ChildProcess;
  private output = '';
  private readonly ended: Promise<void>;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
  ) {
    // The services end when their IPC channel closes, so that a killed test leaves none of them behind.
    this.process = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-8_000)));
    }
    this.ended = new Promise((resolve) => {
      this.process.on('exit', () => resolve());
      this.process.on('error', (error) => {
        this.output += error.message;
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null && this.process.pid !== undefined;
  }

  /** Throws with the process's last words when it has ended by itself. */
  mustRun(): void {
    if (!this.isRunning) throw new Error(`${this.name} has ended:\n${this.output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** SIGTERM, and SIGKILL if that is not enough; resolves when it is gone. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const impatient = setTimeout(() => this.signal('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(impatient);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
