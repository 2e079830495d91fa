import { isObject } from '../../../../model/json-values.ts';

/** pip writes less than one kilobyte. */
const MAX_BYTES = 64 * 1024;

const MAX_URL_CHARACTERS = 300;

/**
 * Returns the origin of a distribution whose version may be a placeholder: a version control system, or a directory in
 * editable mode. Returns undefined for an archive, for a plain directory, and for invalid JSON. The text contains no
 * credentials.
 *
 * Source: https://packaging.python.org/specifications/direct-url/.
 */
export function uncertainOrigin(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const origin = parsed(bytes);
  if (!isObject(origin)) return undefined;
  const { url, vcs_info: repository, dir_info: directory } = origin;
  const address = typeof url === 'string' ? withoutCredentials(url) : undefined;
  const placed = (kind: string): string =>
    address === undefined ? `a ${kind} of unknown location` : `the ${kind} ${address}`;
  if (isObject(repository)) return placed('repository');
  return isObject(directory) && directory['editable'] === true ? `${placed('directory')} in editable mode` : undefined;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Returns undefined for text that is not a URL. */
function withoutCredentials(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href.slice(0, MAX_URL_CHARACTERS);
}
