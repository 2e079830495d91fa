import { describe, expect, it } from 'vitest';
import type { FeedValidators } from './fetcher.ts';
import { parseFileValidators, writeFileValidators } from './file-validators.ts';

describe('the validators of several files', () => {
  it.each<[string, readonly (readonly [string, FeedValidators])[]]>([
    [
      'entity tags',
      [
        ['a', { etag: '"1"' }],
        ['b', { etag: 'W/"2"' }],
      ],
    ],
    ['dates', [['a', { lastModified: 'Thu, 01 Jan 2099 00:00:00 GMT' }]]],
    [
      'names that are numbers, and quotes',
      [
        ['7', { etag: '"\\"' }],
        ['"', { etag: '"é"' }],
      ],
    ],
  ])('are stored as one text: %s', (_, entries) => {
    const text = writeFileValidators(new Map(entries));
    expect(new Map(parseFileValidators(text))).toEqual(new Map(entries));
  });

  it.each<[string, readonly (readonly [string, FeedValidators])[]]>([
    ['there is no file', []],
    [
      'a file has no validators',
      [
        ['a', { etag: '"1"' }],
        ['b', {}],
      ],
    ],
  ])('are not stored when %s', (_, entries) => {
    expect(writeFileValidators(new Map(entries))).toBeUndefined();
  });

  it.each([undefined, '', '"v1"', 'W/"v1"', '{', '[]', 'null', '{"a":"1"}', '{"a":{"etag":7}}'])(
    'are empty for %j',
    (text) => {
      expect(parseFileValidators(text).size).toBe(0);
    },
  );
});
