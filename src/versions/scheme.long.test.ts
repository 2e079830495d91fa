import { describe, expect, it } from 'vitest';
import { SCHEMES } from './index.ts';
import { createScheme, MAX_KEY_BYTES } from './scheme.ts';

/** Parts of versions that may take more bytes in a key than in the version. */
const PARTS = ['1.', '1a', 'a1', '1-', '--a', '.a', '-0.', '~', '^1', '0.', '10a', '_rc1', '1.0.0-1.', 'A1'];

const STARTS = ['', '1', '1.', '1-', 'v1.0.0-', '1.0.0-', '1.0+', '0:1', '1-a'];

/** The longest versions that schemes accept. */
const LONG = STARTS.flatMap((start) =>
  PARTS.flatMap((part) => [1024, 1023, 1022].map((length) => (start + part.repeat(1024)).slice(0, length))),
);

it.each(Object.values(SCHEMES))('a key of $id has a length that databases can index', ({ keyOf }) => {
  const lengths = LONG.map((version) => keyOf(version)?.length ?? 0);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_KEY_BYTES);
});

describe('a longer key', () => {
  const scheme = createScheme('test', (version) => new Uint8Array(Number(version)));

  it('makes the version invalid', () => {
    expect(scheme.keyOf('1100')).toHaveLength(1100);
    expect(scheme.keyOf('1101')).toBeUndefined();
    expect(() => scheme.key('1101')).toThrow('The version "1101" has a sort key of 1101 bytes; the limit is 1100.');
  });
});
