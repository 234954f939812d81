import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { UserError } from '../../platform/errors.ts';
import { BREAKAGES, listBreakages, type Breakable } from './breakages.ts';

/** File with the address and token of the running demo's control server. Only its owner can read it. */
const PLACE = '.runbeat/demo.json';

interface Address {
  url: string;
  token: string;
}

/** Serves `runbeat demo break` and `mend` on a port of 127.0.0.1. Returns a function that stops it. */
export async function takeOrders(on: Breakable): Promise<() => Promise<void>> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => answer(request, response, token, on));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: Address = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token };
  mkdirSync(path.dirname(PLACE), { recursive: true });
  rmSync(PLACE, { force: true });
  writeFileSync(PLACE, JSON.stringify(address), { mode: 0o600 });
  return async () => {
    rmSync(PLACE, { force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

function answer(request: IncomingMessage, response: ServerResponse, token: string, on: Breakable): void {
  const say = (status: number, text: string): void => void response.writeHead(status).end(text);
  if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return say(401, 'The token is not the demo’s.');
  const [, order, name] = (request.url ?? '').split('/');
  const breakage = name === undefined ? undefined : BREAKAGES[name];
  if (request.method !== 'POST' || (order !== 'break' && order !== 'mend') || !breakage) {
    return say(404, 'The demo does not know this command.');
  }
  try {
    if (order === 'break') breakage.start(on);
    else breakage.end(on);
    say(200, '');
  } catch (error) {
    say(409, (error as Error).message);
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Causes a fault in the running demo. Throws a UserError if the name is unknown or no demo is running in this folder. */
export async function breakDemo(name: string): Promise<string> {
  const breakage = known(name, 'break');
  await order('break', name);
  return `Broken: ${breakage.what}.\nWatch: ${breakage.watch}.\nMend it with: npx runbeat demo mend ${name}`;
}

/** Repairs one fault, or all faults. */
export async function mendDemo(name: string | undefined): Promise<string> {
  if (name !== undefined) known(name, 'mend');
  for (const each of name === undefined ? Object.keys(BREAKAGES) : [name]) await order('mend', each);
  return name === undefined ? 'Mended: everything works again.' : `Mended: ${name}.`;
}

function known(name: string, what: 'break' | 'mend') {
  const breakage = Object.hasOwn(BREAKAGES, name) ? BREAKAGES[name] : undefined;
  if (!breakage) throw new UserError(`The demo can't ${what} "${name}".`, `It knows these faults:\n${listBreakages()}`);
  return breakage;
}

async function order(what: 'break' | 'mend', name: string): Promise<void> {
  const { url, token } = findDemo();
  const response = await fetch(`${url}/${what}/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => null);
  if (!response) throw noDemo();
  if (!response.ok) throw new UserError(await response.text());
}

function findDemo(): Address {
  try {
    return JSON.parse(readFileSync(PLACE, 'utf8')) as Address;
  } catch {
    throw noDemo();
  }
}

const noDemo = (): UserError =>
  new UserError(
    'No demo runs in this folder.',
    'Start one with `npm run demo`, and run this command in the same folder.',
  );
