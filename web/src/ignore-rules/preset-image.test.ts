import { expect, it } from 'vitest';
import { presetImage } from './preset-image.ts';

const digest = `sha256:${'a'.repeat(64)}`;

it.each([
  ['ghcr.io/org/app:1', 'ghcr.io/org/app'],
  ['docker.io/library/debian:12', 'debian'],
  [`localhost:5000/app@${digest}`, 'localhost:5000/app'],
  // A Clair v4 client posted the image of the next row without the URL of a registry.
  [digest, digest],
  [`sha512:${'b'.repeat(128)}`, digest],
  ['', digest],
  ['@', digest],
  [':1', digest],
  ['an archive.tar', digest],
])('the form for a rule about the image %j proposes %s', (reference, expected) => {
  expect(presetImage({ reference, digest })).toBe(expected);
});
