import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { removeDemoFolder } from './demoFolder.ts';

const RUNBEAT = path.resolve('bin/runbeat.mjs');

export interface RunningDemo {
  demo: ChildProcess;
  /** Its output so far. */
  output: () => string;
  /** Rejects if the demo ends before it has written the text. */
  until(text: RegExp): Promise<void>;
}

/** Demos of one test file, in their own folder. */
export interface Demos {
  start(...args: string[]): RunningDemo;
  /** Runs a command in the demo's folder; rejects with its output if it fails. */
  runbeat(...args: string[]): Promise<string>;
  /** Process ids of the demos and of everything that they have started. */
  processes(): number[];
  /** Those that are still running after a time that only a hang takes. */
  processesLeft(): Promise<number[]>;
}

/** Gives the tests of a file a folder for demos, and ends what a failed test has left running. */
export function useDemos(): Demos {
  let folder: string;
  const demos: ChildProcess[] = [];

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'runbeat-demo-'));
  });
  afterEach(async () => {
    for (const demo of demos.splice(0)) {
      if (demo.exitCode !== null || demo.signalCode !== null) continue;
      const exit = once(demo, 'exit');
      demo.kill('SIGTERM');
      await exit;
    }
  });
  afterAll(() => removeDemoFolder(folder));

  /** They are recognised by a variable in their environment. */
  const processes = (): number[] =>
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`RUNBEAT_TEST_MARK=${folder}`);
        } catch {
          return false;
        }
      })
      .map(Number);

  return {
    start(...args) {
      const demo = spawn(process.execPath, [RUNBEAT, 'demo', ...args], {
        cwd: folder,
        env: { ...process.env, RUNBEAT_DATABASE_URL: '', RUNBEAT_TEST_MARK: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      demos.push(demo);
      const written = collect(demo);
      const until = (pattern: RegExp): Promise<void> =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (pattern.test(written())) resolve();
          };
          demo.stdout.on('data', look);
          look();
          demo.on('exit', () => reject(new Error(`the demo ended before it said ${pattern}:\n${written()}`)));
        });
      return { demo, output: written, until };
    },

    async runbeat(...args) {
      const child = spawn(process.execPath, [RUNBEAT, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const written = collect(child);
      const [code] = (await once(child, 'exit')) as [number];
      if (code !== 0) throw new Error(written());
      return written();
    },

    processes,

    async processesLeft() {
      const deadline = Date.now() + 120_000;
      while (processes().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      return processes();
    },
  };
}

/** Collects both outputs of a process. */
function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  stderr!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}
