import { describe, expect, it } from 'vitest';
import { metadataText } from './metadata-text.ts';

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { in: value };
  return value;
}

describe('metadata', () => {
  it('is stored unchanged', () => {
    const metadata = { NVD: { Score: 7.5, list: [1, null, 'x'] } };
    expect(JSON.parse(metadataText(metadata))).toEqual(metadata);
    expect(JSON.parse(metadataText(nested(33)))).toEqual(nested(33));
  });

  it.each([
    ['nested too deeply', nested(34), /more than 32 levels deep/],
    ['nested deeper than the call stack', nested(100_000), /more than 32 levels deep/],
    ['too long', { text: 'x'.repeat(64 * 1024) }, /longer than 65536 characters/],
  ])('is rejected if it is %s', (_what, metadata, message) => {
    expect(() => metadataText(metadata)).toThrow(message);
  });
});
