import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns whether a directory contains a saved image: an OCI layout or an unpacked docker-archive. Application
 * directories may also contain files named `manifest.json` or `index.json`, so the content of these files is checked.
 */
export function isImageFolder(path: string): boolean {
  if (isFile(join(path, 'oci-layout'))) return true;
  // `docker save` writes a list; the manifest of a web application is an object.
  if (startOf(join(path, 'manifest.json')).trimStart().startsWith('[')) return true;
  if (/"manifests"\s*:/.test(startOf(join(path, 'index.json')))) return true;
  return isFile(join(path, 'repositories'));
}

/** Returns whether a path is a directory; false for a missing or unreachable path. */
export function isDirectory(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() === true;
}

function statsOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** The number of bytes that are read from a file to recognise its format. */
const START_BYTES = 64 * 1024;

/** Returns the first bytes of a file; empty for a missing or unreadable file. */
function startOf(path: string): string {
  // Reading a pipe would block.
  if (!isFile(path)) return '';
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(START_BYTES);
      return start.toString('utf8', 0, readSync(file, start, 0, START_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
