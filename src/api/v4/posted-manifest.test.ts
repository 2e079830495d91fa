import { expect, it } from 'vitest';
import { readShape } from '../request-shape.ts';
import { MANIFEST } from './posted-manifest.ts';

const HASH = `sha256:${'a'.repeat(64)}`;

function posted(uri: string): () => unknown {
  return () => readShape(MANIFEST, { hash: HASH, layers: [{ hash: HASH, uri }] }, 'body');
}

it.each([
  ['of another scheme', 'ftp://host/layer'],
  ['longer than 16 KiB', `https://host/${'a'.repeat(16_384)}`],
])('the URL of a posted layer must not be %s', (_what, uri) => {
  expect(posted('https://host/layer')).not.toThrow();
  expect(posted(uri)).toThrow(
    /^body\.layers\.0\.uri: "(?:ftp|https):.* is not an http or https URL of at most 16 KiB$/,
  );
});
