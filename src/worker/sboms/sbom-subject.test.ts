import { describe, expect, it } from 'vitest';
import type { Digest } from '../../model/digest.ts';
import { subjectDifference } from './sbom-subject.ts';

const sha256 = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const sha512 = (digit: string): Digest => `sha512:${digit.repeat(128)}`;
const IMAGE = sha256('1');

describe('the difference between the image of a document and the requested image', () => {
  it.each<[string, readonly Digest[], string | undefined]>([
    ['the image', [IMAGE], undefined],
    ['the image beside other digests', [sha512('9'), sha256('2'), IMAGE], undefined],
    ['no image', [], `the document names no image, so it may describe an image other than ${IMAGE}`],
    ['another image', [sha512('1'), sha256('2')], `the document describes ${sha256('2')}, not ${IMAGE}`],
    [
      'several other images',
      [sha256('2'), sha256('3'), sha256('4')],
      `the document describes ${sha256('2')} and 2 more, not ${IMAGE}`,
    ],
    [
      'an image by another algorithm',
      [sha512('1')],
      `the document describes ${sha512('1')}, which cannot be compared with ${IMAGE}, because the digests have different algorithms`,
    ],
  ])('is clear for a document that names %s', (_, subjects, difference) => {
    expect(subjectDifference(subjects, IMAGE)).toBe(difference);
  });
});
