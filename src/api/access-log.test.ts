import { expect, it } from 'vitest';
import { requestId } from './access-log.ts';

it.each(['a', 'c0ffee-1.2_3', 'x'.repeat(64)])('keeps the x-request-id %s', (given) => {
  expect(requestId({ headers: { 'x-request-id': given } })).toBe(given);
});

it.each([undefined, '', 'x'.repeat(65), 'a b', '{"level":60}', 'ä'])(
  'replaces the x-request-id %j with a UUID',
  (given) => {
    const id = requestId({ headers: { 'x-request-id': given } });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  },
);
