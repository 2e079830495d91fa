import type { CoreMetadata } from './core-metadata.ts';

/** Matches `NAME-VERSION[-pyPYTHON[-PLATFORM]].egg`, without `-` in NAME and VERSION (`pkg_resources.EGG_NAME`). */
const EGG_NAME = /^([^-]+)-([^-]+)(?:-py[^-]+(?:-.+)?)?\.egg$/;

/** Returns whether a file starts like a zip archive; Panda3D's models also have the suffix `.egg`. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Returns the name and version in the file name of an egg, as setuptools does for an installed egg
 * (`pkg_resources.Distribution.from_location`). In the file name, `_` replaces `-`.
 */
export function readEggName(fileName: string): CoreMetadata {
  const [, name, version] = EGG_NAME.exec(fileName) ?? [];
  return { name, version: version?.replaceAll('_', '-') };
}
