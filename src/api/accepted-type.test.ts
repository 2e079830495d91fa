import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { acceptedType } from './accepted-type.ts';

const TYPES = ['application/json', 'application/vnd.a; version=1.0', 'application/vnd.a; version=1.1'] as const;
const [JSON_TYPE, OLD, NEW] = TYPES;

describe('the media type for an Accept header', () => {
  it.each<[string | undefined, string]>([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    [' ', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['Application/JSON', JSON_TYPE],
    [OLD, OLD],
    [NEW, NEW],
    ['application/vnd.a;version=1.1', NEW],
    ['Application/VND.A ; Version = "1.1"', NEW],
    ['application/vnd.a', OLD],
    [`${NEW}, application/json`, NEW],
    [`application/json, ${NEW}`, NEW],
    [`application/json, ${OLD}, ${NEW}`, OLD],
    [`${NEW};q=0.1, application/json`, JSON_TYPE],
    [`text/html, ${NEW}, */*;q=0.1`, NEW],
    ['text/html, */*;q=0.1', JSON_TYPE],
    [`application/json;q=0, ${NEW}`, NEW],
  ])('%s is %s', (accept, type) => {
    expect(acceptedType(accept, TYPES)).toBe(type);
  });

  it.each([
    'text/html',
    'text/*',
    '*/*;q=0',
    'application/json;q=0',
    'application/json;q=x',
    'application/vnd.a; version=2',
    ',',
  ])('is none for %s', (accept) => {
    expect(acceptedType(accept, TYPES)).toBeUndefined();
  });

  it('is found in the longest headers that Node accepts without much work', () => {
    const start = cpuUsage();
    expect(acceptedType('a/b;q=0.5,'.repeat(1600), TYPES)).toBeUndefined();
    expect(acceptedType(`a/b;${'"'.repeat(16_000)}`, TYPES)).toBeUndefined();
    expect(acceptedType(`a/b;a="${'\\'.repeat(16_000)}`, TYPES)).toBeUndefined();
    // The search takes about 40 ms; a search that is quadratic in the header length takes seconds.
    const { user, system } = cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
