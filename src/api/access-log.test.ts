import { expect, it } from 'vitest';
import { requestId } from './access-log.ts';

it.each(['a', 'c0ffee-1.2_3', 'x'.repeat(64)])('a request is called as it calls itself: %s', (given) => {
  expect(requestId({ headers: { 'x-request-id': given } })).toBe(given);
});

it.each([undefined, '', 'x'.repeat(65), 'a b', '{"level":60}', 'ä'])('a request gets a name instead of %j', (given) => {
  const id = requestId({ headers: { 'x-request-id': given } });
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
});
