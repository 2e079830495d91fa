import { describe, expect, it } from 'vitest';
import { INFINITY_KEY, ZERO_KEY } from './scheme.ts';
import { presence } from './presence.ts';

describe('the states of a file', () => {
  it('are ordered: absent before present, between 0 and infinity', () => {
    const keys = [ZERO_KEY, presence.key('absent'), presence.key('present'), INFINITY_KEY];
    expect(keys.toSorted((one, other) => Buffer.compare(one, other))).toEqual(keys);
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(4);
  });

  it.each(['', 'unknown', 'Present', 'present '])('are not %j, which has no place in the order', (version) => {
    expect(presence.keyOf(version)).toBeUndefined();
    expect(() => presence.key(version)).toThrow('is neither "absent" nor "present"');
  });
});
