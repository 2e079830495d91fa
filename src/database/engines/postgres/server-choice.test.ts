import { expect, it } from 'vitest';
import { parsePostgresAddress } from './address.ts';
import { createServerChoice } from './server-choice.ts';

const choiceOf = (role: string): ReturnType<typeof createServerChoice> =>
  createServerChoice(parsePostgresAddress(`host=a,b port=1,2 password=p target_session_attrs=${role}`));

it('switches to the next server once, even if several connections leave the current server', () => {
  const choice = choiceOf('primary');
  const next = (): string => new choice.Client({}).host;
  expect(next()).toBe('a');
  choice.leave(0);
  choice.leave(0);
  expect(next()).toBe('b');
  choice.leave(1);
  expect(next()).toBe('a');
  expect(new choice.Client({}).password).toBe('p');
});

it.each<[string, boolean, number, boolean]>([
  ['any', true, 0, true],
  ['primary', false, 0, true],
  ['primary', true, 1, false],
  ['standby', true, 0, true],
  ['standby', false, 1, false],
  ['prefer-standby', true, 0, true],
  ['prefer-standby', false, 1, false],
  // No server was a standby, so the second round accepts a primary.
  ['prefer-standby', false, 2, true],
])('with %s, a standby (%s) after %i refused servers is accepted: %s', (role, isStandby, tried, expected) => {
  expect(choiceOf(role).accepts(isStandby, tried)).toBe(expected);
});

it('gives up TLS only where the mode allows it, once for a server', () => {
  expect(createServerChoice(parsePostgresAddress('host=a sslmode=require')).goWithoutTls(0)).toBe(false);
  const choice = createServerChoice(parsePostgresAddress('host=a'));
  expect([choice.goWithoutTls(0), choice.goWithoutTls(0)]).toEqual([true, false]);
});
