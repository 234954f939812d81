import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../platform/errors.ts';
import { pythonCommand } from '../../config.ts';
import type { Release } from './release.ts';

const CACHE = path.resolve('.runbeat/airflow');

export type Progress = (line: string) => void;

/**
 * Returns the folder of a virtual environment with exactly the packages of the release's lock file, and creates it if necessary. The
 * folder's name contains the hash of the lock file, so a changed lock file gets a new environment.
 */
export async function ensureInstalled(release: Release, progress: Progress): Promise<string> {
  const lock = path.join(release.folder, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 12);
  const venv = path.join(CACHE, `venv-${release.version}-${hash}`);
  const complete = path.join(venv, '.complete');
  if (existsSync(complete)) return venv;
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  progress(`installing Airflow ${release.version} from PyPI (about half a minute, once)`);
  await run(pythonCommand(), ['-m', 'venv', venv]);
  // --no-deps: the lock file is complete, so a resolver is not needed and could only disagree with it.
  await run(path.join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-input', '-r', lock]);
  writeFileSync(complete, '');
  progress(`installed Airflow ${release.version}`);
  return venv;
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    const advice = 'Airflow needs Python 3.11 with venv and pip, and PyPI; RUNBEAT_LAB_PYTHON names the interpreter.';
    const refuse = (problem: string): void => reject(new UserError(problem, advice));
    child.on('error', (error) => refuse(`${command} could not be started: ${error.message}`));
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else refuse(`${command} ${args.slice(0, 3).join(' ')} failed (exit ${code}):\n${errors}`);
    });
  });
}
