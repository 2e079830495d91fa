import { describe, expect, it } from 'vitest';
import { acceptedType } from './negotiation.ts';

const VENDOR = 'application/vnd.clair.index_state.v1+json';
const JSON_TYPE = 'application/json';

describe('the media type for an Accept header', () => {
  it.each<[string | undefined, string]>([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['Application/JSON; charset=utf-8', JSON_TYPE],
    [VENDOR, VENDOR],
    [`${VENDOR}, application/json`, VENDOR],
    [`application/json, ${VENDOR}`, JSON_TYPE],
    [`${VENDOR};q=0.1, application/json`, JSON_TYPE],
    [`text/html, ${VENDOR}, */*;q=0.1`, VENDOR],
    ['text/html, */*;q=0.1', JSON_TYPE],
    [`application/json;q=0, ${VENDOR}`, VENDOR],
    [`application/json;q=x`, JSON_TYPE],
  ])('%s is %s', (accept, type) => {
    expect(acceptedType(accept, [JSON_TYPE, VENDOR])).toBe(type);
  });

  it.each(['text/html', 'text/*', '*/*;q=0', 'application/json;q=0', ','])('%s is refused', (accept) => {
    expect(() => acceptedType(accept, [JSON_TYPE, VENDOR])).toThrow(/the Accept header does not allow/);
  });
});
