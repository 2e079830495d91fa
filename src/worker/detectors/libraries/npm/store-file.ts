import type { LinkedFiles } from '../../detector.ts';

/** Manifests with a README are up to 100 KiB; larger files in a store are code. */
const MAX_STORED_BYTES = 256 * 1024;

/**
 * Matches the name of a file that a store names by digest: `files/00/HEX` and `files/00/HEX-exec` in pnpm,
 * `index/00/HEX.dat` in Yarn.
 */
const DIGEST_NAME = /^[0-9a-f]{30,}(?:-exec|\.dat)?$/;
const MIN_DIGEST_NAME = 30;

/**
 * The package.json files in the store of a package manager; the package.json of an installed package is a hard link to
 * such a file. Bun and Deno keep the names of the files; pnpm and Yarn (`nmMode: hardlinks-global`) name files by
 * digest.
 */
export const STORED_MANIFESTS: LinkedFiles = {
  maxBytes: MAX_STORED_BYTES,
  isNamed(path) {
    if (path.endsWith('/package.json')) return true;
    const nameAt = path.lastIndexOf('/') + 1;
    return path.length - nameAt >= MIN_DIGEST_NAME && DIGEST_NAME.test(path.slice(nameAt));
  },
  holds(bytes) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return text.includes('"name"') && text.includes('"version"');
  },
};
