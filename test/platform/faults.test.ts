import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../platform/postgres/faults.ts';

function state(code: string): Error {
  const error = new pg.DatabaseError('from the server', 1, 'error');
  error.code = code;
  return error;
}

function system(code: string, syscall = 'connect'): Error {
  return Object.assign(new Error(code), { code, syscall });
}

describe('the class of a failed statement', () => {
  it.each([
    ['the server goes down', state('57P01'), 'unreachable'],
    ['the server starts', state('57P03'), 'unreachable'],
    ['no connection is left', state('53300'), 'unreachable'],
    ['a pooler can’t reach its server', state('08P01'), 'unreachable'],
    ['nothing listens', system('ECONNREFUSED'), 'unreachable'],
    [
      'no address of several answers',
      new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')]),
      'unreachable',
    ],
    ['a socket that does not exist yet', system('ENOENT'), 'unreachable'],
    ['a cut connection', new Error('Connection terminated unexpectedly'), 'unreachable'],
    ['no answer', new Error('Query read timeout'), 'unreachable'],
    ['a read-only server', state('25006'), 'temporary'],
    ['a cancelled query', state('57014'), 'temporary'],
    ['a full disk', state('53100'), 'temporary'],
    ['an error of the file system', state('58030'), 'temporary'],
    ['a deadlock', state('40P01'), 'temporary'],
    ['a lock that is not granted in time', state('55P03'), 'temporary'],
    ['a wrong password', state('28P01'), 'permanent'],
    ['a missing table', state('42P01'), 'permanent'],
    ['a value out of range', state('22003'), 'permanent'],
    ['a mistake in the code', new TypeError("Cannot read properties of undefined (reading 'id')"), 'permanent'],
    ['a missing file', system('ENOENT', 'open'), 'permanent'],
    ['anything else', new Error('the DAG has no such task'), 'permanent'],
    ['nothing at all', undefined, 'permanent'],
  ] as const)('%s', (_, error, fault) => expect(faultOf(error)).toBe(fault));
});
