import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createStatements } from './session.ts';

function serverError(code: string): Error {
  return Object.assign(new Error(code), { code, severity: 'ERROR' });
}

it('the cause of a failure is the error of the first failed statement, even if that error arrives later', async () => {
  const statements = createStatements(new pg.Client());
  const [conflict, aborted] = [serverError('40001'), serverError('25P02')];
  const failures = [
    statements.session(async () => await Promise.resolve()),
    statements.session(async () => {
      await setImmediate();
      throw conflict;
    }),
    statements.session(async () => {
      throw aborted;
    }),
  ];
  await Promise.allSettled(failures);
  expect(statements.causeOf(aborted)).toBe(conflict);
  expect(statements.requireSuccess).toThrow(conflict);
  const own = new Error('an error of the work');
  expect(statements.causeOf(own)).toBe(own);
});
