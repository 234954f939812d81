import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { exitCodeOf, reportError } from '../../cli/errors.ts';
import { mendDemo } from '../../cli/demo/remote.ts';
import { createProgram } from '../../cli/program.ts';
import { UserError } from '../../platform/errors.ts';
import { SettingsError } from '../../platform/settings.ts';

let written: MockInstance<typeof process.stderr.write>;
beforeEach(() => {
  written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => written.mockRestore());

function said(error: unknown): string {
  reportError(error);
  return written.mock.calls.map(([text]) => String(text)).join('');
}

describe('an error at the command line', () => {
  it('lists all invalid settings at once and exits with 2', () => {
    const error = new SettingsError(['RUNBEAT_LISTEN: must be host:port', 'RUNBEAT_KEYS: is empty']);
    expect(said(error)).toMatch(/RUNBEAT_LISTEN: must be host:port\n {2}RUNBEAT_KEYS: is empty/);
    expect(exitCodeOf(error)).toBe(2);
  });

  it('names the address that does not answer, even if several were tried', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 5432 });
    expect(said(new AggregateError([refused]))).toContain('nothing answers at 127.0.0.1:5432');
    expect(exitCodeOf(refused)).toBe(1);
  });

  it('gives the advice with the message, and no stack trace', () => {
    const text = said(new UserError('there is no DAG "onbording"', 'Did you mean "onboarding"?'));
    expect(text).toBe('runbeat: there is no DAG "onbording"\nDid you mean "onboarding"?\n');
  });

  it('of a fault of the demo that there is not names those that there are', async () => {
    const problem = await mendDemo('nope').catch((error: unknown) => error);
    expect(said(problem)).toMatch(/can't mend "nope"[^]*scheduler/);
  });

  it('is not printed again if commander has printed it, and --help is not an error', () => {
    expect(said(new CommanderError(1, 'commander.unknownOption', 'error: unknown option'))).toBe('');
    expect(exitCodeOf(new CommanderError(1, 'commander.unknownOption', ''))).toBe(2);
    expect(exitCodeOf(new CommanderError(0, 'commander.helpDisplayed', ''))).toBe(0);
  });

  it('names the setting that corresponds to an option', async () => {
    await createProgram()
      .parseAsync(['node', 'runbeat', 'scheduler', '--dags', 'flows'])
      .catch(() => undefined);
    expect(written.mock.calls.join('')).toContain('RUNBEAT_DAGS=');
  });
});
