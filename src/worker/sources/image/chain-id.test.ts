import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOf } from '../../../database/testing/packages.ts';
import { chainIds } from './chain-id.ts';

const [A, B, C] = [digestOf('a'), digestOf('b'), digestOf('c')];

/** image-spec, config.md: `ChainID(L0|…|Ln) = Digest(ChainID(L0|…|Ln-1) + " " + DiffID(Ln))`. */
function joined(chain: string, diffId: string): string {
  return `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`;
}

it('equals the DiffID for a base layer', () => {
  expect(chainIds([A])).toEqual([`chain:${A}`]);
});

it("is the digest of the parent's ChainID and the DiffID for other layers", () => {
  expect(chainIds([A, B, C])).toEqual([`chain:${A}`, `chain:${joined(A, B)}`, `chain:${joined(joined(A, B), C)}`]);
});

it('agrees with sha256sum', () => {
  expect(chainIds([A, B, C]).slice(1)).toEqual([
    'chain:sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c',
    'chain:sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588',
  ]);
});

it('is shared by images for their common layers only', () => {
  const [one, other] = [chainIds([A, B, C]), chainIds([A, B, A])];
  expect(one.slice(0, 2)).toEqual(other.slice(0, 2));
  expect(one[2]).not.toBe(other[2]);
});

it('differs for the same layer at two positions', () => {
  expect(new Set(chainIds([A, A, A])).size).toBe(3);
});

it('is empty for an image without layers', () => {
  expect(chainIds([])).toEqual([]);
});
