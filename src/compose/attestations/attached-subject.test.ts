import { describe, expect, it } from 'vitest';
import type { Digest } from '../../model/digest.ts';
import { isAboutIndex } from './attached-subject.ts';

const sha256 = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const sha512 = (digit: string): Digest => `sha512:${digit.repeat(128)}`;
const DOCUMENT = sha256('d');
const IN_SHA256 = { image: sha256('1'), config: sha256('2'), index: { digest: sha256('3'), manifests: [] } };
const IN_SHA512 = { image: sha512('1'), config: sha256('2'), index: { digest: sha512('3'), manifests: [] } };
const ALONE = { image: sha256('1'), config: sha256('2') };

type Place = Parameters<typeof isAboutIndex>[2];

function answer(subjects: readonly Digest[], place: Place, isOfIndex: boolean, hasUnknownSubjects = false): unknown {
  try {
    return isAboutIndex({ subjects, hasUnknownSubjects }, { isOfIndex }, place, DOCUMENT);
  } catch (error) {
    return String(error).replace(/^.*?: /, '');
  }
}

const other = (digest: Digest): string => `${DOCUMENT} is about another image: ${digest}`;
const unknown = (named: string, image: Digest): string =>
  `${DOCUMENT} was not used: it names ${named}, which cannot be compared with ${image}; attach a document that names ${image}`;

describe('whether an attached document is about the index', () => {
  it.each<[string, readonly Digest[], Place, { image: unknown; index: unknown }]>([
    ['no image', [], IN_SHA256, { image: false, index: true }],
    ['the image', [sha256('1')], IN_SHA256, { image: false, index: false }],
    ['the image in SHA-512', [sha512('1')], IN_SHA512, { image: false, index: false }],
    ['the configuration', [sha256('2')], IN_SHA256, { image: false, index: false }],
    ['the index', [sha256('3')], IN_SHA256, { image: true, index: true }],
    ['the index and the image', [sha256('3'), sha256('1')], IN_SHA256, { image: false, index: false }],
    ['the image in both algorithms', [sha512('9'), sha256('1')], IN_SHA256, { image: false, index: false }],
    ['another image', [sha256('9')], IN_SHA256, { image: other(sha256('9')), index: other(sha256('9')) }],
    [
      'an image only in SHA-512',
      [sha512('1')],
      IN_SHA256,
      { image: unknown(sha512('1'), sha256('1')), index: unknown(sha512('1'), sha256('1')) },
    ],
    [
      'an image only in SHA-256',
      [sha256('1')],
      IN_SHA512,
      { image: unknown(sha256('1'), sha512('1')), index: unknown(sha256('1'), sha512('1')) },
    ],
    [
      'an image only in SHA-512, without an index',
      [sha512('1')],
      ALONE,
      { image: unknown(sha512('1'), sha256('1')), index: unknown(sha512('1'), sha256('1')) },
    ],
  ])('that names %s', (_, subjects, place, { image, index }) => {
    expect([answer(subjects, place, false), answer(subjects, place, true)]).toEqual([image, index]);
  });

  it('is unknown if it names images only by algorithms that Clair does not know', () => {
    expect(answer([], IN_SHA256, true, true)).toBe(unknown('its image by an unsupported digest', sha256('1')));
  });
});
