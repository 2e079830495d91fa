import { describe, expect, it } from 'vitest';
import { requiredType } from './negotiation.ts';

const VENDOR = 'application/vnd.clair.index_state.v1+json';
const JSON_TYPE = 'application/json';

describe('the media type of a response', () => {
  it.each<[string | undefined, string]>([
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/json; charset=utf-8', JSON_TYPE],
    [VENDOR, VENDOR],
    [`${VENDOR};q=0.1, application/json`, JSON_TYPE],
  ])('for %s is %s', (accept, type) => {
    expect(requiredType(accept, [JSON_TYPE, VENDOR])).toBe(type);
  });

  it('is refused if the header allows none', () => {
    expect(() => requiredType('text/html', [JSON_TYPE, VENDOR])).toThrow(/the Accept header does not allow/);
  });
});
