import { describe, expect, it } from 'vitest';
import { imageAddress, placeOf, vulnerabilityAddress } from './place.ts';

describe('the place', () => {
  it.each([
    ['', { page: 'images' }],
    ['#/', { page: 'images' }],
    ['#/sources', { page: 'sources' }],
    ['#/images/sha256%3Aab', { page: 'image', digest: 'sha256:ab' }],
    ['#/changes', { page: 'changes' }],
    ['#/vulnerabilities', { page: 'vulnerabilities' }],
    ['#/vulnerabilities/CVE-2024-1', { page: 'vulnerability', id: 'CVE-2024-1' }],
    ['#/vulnerabilities/', { page: 'nowhere' }],
    ['#/images/', { page: 'nowhere' }],
    ['#/images/%E0%A4%A', { page: 'nowhere' }],
    ['#/images/a/b', { page: 'nowhere' }],
    ['#/sources/x', { page: 'nowhere' }],
    ['#/else', { page: 'nowhere' }],
  ])('of %s is %j', (hash, place) => {
    expect(placeOf(hash)).toEqual(place);
  });

  it('is found again by its address, whatever its name', () => {
    for (const digest of ['sha256:0f', 'a/b', 'ü %']) {
      expect(placeOf(imageAddress(digest))).toEqual({ page: 'image', digest });
      expect(placeOf(vulnerabilityAddress(digest))).toEqual({ page: 'vulnerability', id: digest });
    }
  });
});
