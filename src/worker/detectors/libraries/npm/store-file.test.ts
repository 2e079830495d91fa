import { describe, expect, it } from 'vitest';
import { STORED_MANIFESTS } from './store-file.ts';

const HEX = '0123456789abcdef'.repeat(8);

describe('a file in the store of a package manager', () => {
  it.each([
    ['of pnpm', `pnpm/store/v10/files/0f/${HEX.slice(2)}`],
    ['of pnpm, for a program', `pnpm/store/v3/files/0f/${HEX.slice(2)}-exec`],
    ['of Yarn', `root/.yarn/berry/index/01/${HEX.slice(0, 40)}.dat`],
    ['of Bun', 'root/.bun/install/cache/semver@7.6.2@@@1/package.json'],
  ])('is recognised by its path: %s', (_, path) => {
    expect(STORED_MANIFESTS.isNamed(path)).toBe(true);
  });

  it.each(['package.json', `files/0f/${HEX}.js`, 'files/0f/0123', `${HEX}/index.js`, 'a/my-package.json'])(
    'is not recognised by another path: %s',
    (path) => {
      expect(STORED_MANIFESTS.isNamed(path)).toBe(false);
    },
  );

  it.each([
    ['{"name":"a","version":"1.0.0"}', true],
    ['{"version":3,"file":"a.js","names":["a"]}', false],
    ['{"type":"module"}', false],
  ])('may be a manifest: %s', (text, expected) => {
    expect(STORED_MANIFESTS.holds(Buffer.from(`    ${text}`).subarray(4))).toBe(expected);
  });
});
