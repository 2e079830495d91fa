import { describe, expect, it } from 'vitest';
import { imageOfPurl, isImage, parseImagePattern } from './image-pattern.ts';
import { parsePurl } from './package-pattern.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const image = (reference: string): Parameters<typeof isImage>[0] => {
  return { reference, digest, platform: 'linux/amd64' };
};

describe('an image', () => {
  it.each([
    ['docker.io/library/debian:12', 'debian', true],
    ['docker.io/library/debian:12', 'debian:12', true],
    ['debian:12', 'docker.io/library/debian:12', true],
    ['docker.io/library/debian:12', 'debian:11', false],
    ['ghcr.io/org/app:1', 'app', false],
    ['ghcr.io/org/app:1', 'ghcr.io/org/app', true],
    ['localhost:5000/app', 'localhost:5000/app', true],
    ['ghcr.io/org/app:1', digest, true],
    ['ghcr.io/org/app:1', other, false],
    ['ghcr.io/org/app:1', `ghcr.io/org/app:2@${digest}`, true],
    [`ghcr.io/org/app@${other}`, other, true],
  ])('%s matches %s: %s', (reference, text, expected) => {
    expect(isImage(image(reference), parseImagePattern(text)!)).toBe(expected);
  });

  it.each([
    ['ghcr.io/org/App:1', 'pkg:oci/app', true],
    ['ghcr.io/org/app:1', `pkg:oci/anything@${encodeURIComponent(digest)}`, true],
    ['ghcr.io/org/app:1', `pkg:oci/app@${encodeURIComponent(other)}`, false],
    ['ghcr.io/org/app:1', 'pkg:oci/app?repository_url=ghcr.io/org/app', true],
    ['ghcr.io/org/app:1', 'pkg:oci/app?repository_url=quay.io/org/app', false],
    ['ghcr.io/org/app:1', 'pkg:oci/app?tag=1&arch=amd64', true],
    ['ghcr.io/org/app:1', 'pkg:oci/app?tag=2', false],
    ['ghcr.io/org/app:1', 'pkg:oci/app?arch=arm64', false],
    ['docker.io/library/debian:12', 'pkg:oci/debian?repository_url=docker.io/library/debian', true],
  ])('%s matches %s: %s', (reference, purl, expected) => {
    expect(isImage(image(reference), imageOfPurl(parsePurl(purl)!)!)).toBe(expected);
  });

  it('is not matched by other texts', () => {
    for (const text of ['a b', 'app@sha256:1', 'ü', 'app:', 'sha256', 'sha512', 'sha256:1'])
      expect(parseImagePattern(text)).toBeUndefined();
    expect(imageOfPurl(parsePurl('pkg:oci/app@1.0')!)).toBeUndefined();
  });
});
