import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleFile } from '../../scheduler/loading/bundleFiles.ts';

describe('code that is written to a file for running', () => {
  it('is in a folder that only its user can write to', () => {
    const file = bundleFile('a', 'export default 1;');
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(bundleFile('a', 'export default 1;')).toBe(file);
  });

  it('is written again after the temporary folder was cleaned', () => {
    rmSync(path.dirname(bundleFile('b', 'export default 2;')), { recursive: true });
    expect(readFileSync(bundleFile('b', 'export default 2;'), 'utf8')).toBe('export default 2;');
  });

  it('is deleted when the process ends', () => {
    const module = path.resolve('scheduler/loading/bundleFiles.ts');
    const script = `import { bundleFile } from ${JSON.stringify(module)}; console.log(bundleFile('c', 'export default 3;'));`;
    const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout.trim(), stderr).toMatch(/c\.mjs$/);
    expect(existsSync(path.dirname(stdout.trim()))).toBe(false);
  });
});
