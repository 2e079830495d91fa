import { expect, it } from 'vitest';
import { takeEarlyResponse } from './early-response.ts';

const response = Promise.resolve(new Response('{}'));

it.each([
  ['another path', { path: 'images?limit=100', token: null }],
  ['another token', { path: 'overview', token: 'other' }],
])('the early response is not used for %s', (_, wanted) => {
  const scope = { clairEarly: { path: 'overview', token: null, response } };
  expect(takeEarlyResponse(scope, wanted)).toBeUndefined();
  // The response is discarded, because it would be stale at a later request.
  expect(scope).toEqual({});
});

it('the early response is used once', () => {
  const scope = { clairEarly: { path: 'overview', token: 't', response } };
  const wanted = { path: 'overview', token: 't' };
  expect([takeEarlyResponse(scope, wanted), takeEarlyResponse(scope, wanted)]).toEqual([response, undefined]);
  expect(takeEarlyResponse({}, wanted)).toBeUndefined();
});
