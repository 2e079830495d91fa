import { fileURLToPath } from 'node:url';
import { asClairError } from '../errors.ts';

/** Returns whether an address is a `file:` URL. */
export function isFileUrl(address: string): boolean {
  return address.startsWith('file:');
}

/**
 * Returns the path of a `file:` URL; returns any other text unchanged, as a path.
 *
 * @throws ClairError `bytes/not-found` for a URL that names another machine or has no valid path
 */
export function localPath(from: string): string {
  if (!isFileUrl(from)) return from;
  try {
    return fileURLToPath(from);
  } catch (error) {
    throw asClairError(error, 'bytes/not-found', `${from} is not a file on this machine`);
  }
}
