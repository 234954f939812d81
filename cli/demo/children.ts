import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../platform/errors.ts';

const RUNBEAT = fileURLToPath(new URL('../../bin/runbeat.mjs', import.meta.url));
const STOP_TIMEOUT_MS = 15_000;

/**
 * The services as processes of their own, as in production. Each holds an IPC channel to this process and ends when it
 * closes (cli/main.ts), so that even a kill -9 here leaves none behind.
 */
export class Children {
  private readonly running = new Map<ChildProcess, string>();
  private stopping = false;

  /** Rejects with the last words of the first service that ends although nobody asked it to, or when all are ended. */
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;

  constructor(private readonly env: NodeJS.ProcessEnv) {
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

  start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const child = spawn(process.execPath, [RUNBEAT, ...args], {
      env: { ...process.env, RUNBEAT_LOG_LEVEL: 'warn', ...this.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C reaches only this process, which then ends its children in order.
      detached: true,
    });
    this.running.set(child, name);
    let lastWords = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-4_000);
      if (!this.stopping) process.stderr.write(prefixed(name, chunk.toString()));
    });
    child.on('exit', (code, signal) => {
      this.running.delete(child);
      if (this.stopping) return;
      this.fail(new UserError(`the ${name} ended (${signal ?? `exit ${code}`}):\n${lastWords.trim()}`));
    });
  }

  /** Ends all, and kills what has not ended by the timeout. */
  async stop(): Promise<void> {
    this.stopping = true;
    // Whoever still waits for something that these services should do waits no longer.
    this.fail(new UserError('the demo was ended'));
    const children = [...this.running.keys()];
    const ended = Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    for (const child of children) child.kill('SIGTERM');
    const impatient = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(impatient);
  }

  kill(): void {
    for (const child of this.running.keys()) child.kill('SIGKILL');
  }
}

function prefixed(name: string, text: string): string {
  return text.replace(/^(?=.)/gm, `[${name}] `);
}
