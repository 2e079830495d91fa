import type { CoreMetadata } from './core-metadata.ts';

/** `pkg_resources.EGG_NAME`: `NAME-VERSION[-pyPYTHON[-PLATFORM]].egg`, where NAME and VERSION contain no `-`. */
const EGG_NAME = /^([^-]+)-([^-]+)(?:-py[^-]+(?:-.+)?)?\.egg$/;

/** Returns whether a file starts like a zip archive; Panda3D's models have the same suffix. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Returns the name and version in the file name of an egg, as setuptools does for an installed egg
 * (`pkg_resources.Distribution.from_location`). The file name has `_` for `-`.
 */
export function readEggName(fileName: string): CoreMetadata {
  const [, name, version] = EGG_NAME.exec(fileName) ?? [];
  return { name, version: version?.replaceAll('_', '-') };
}
