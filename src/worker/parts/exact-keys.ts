/**
 * Returns a function that returns whether all keys of a JSON object are ASCII and no key differs from a known key only
 * in case. Podman ignores the case of keys (Go's encoding/json; `unmarshalToc` of containers/storage), so Podman would
 * read other values from an object that fails this check. Go's case folding also maps
 * some non-ASCII characters, such as U+212A, to ASCII letters.
 */
export function exactKeysOf(known: readonly string[]): (keys: readonly string[]) => boolean {
  const exact = new Map(known.map((key) => [key.toLowerCase(), key]));
  return (keys) => keys.every((key) => /^[\x20-\x7e]*$/.test(key) && (exact.get(key.toLowerCase()) ?? key) === key);
}
