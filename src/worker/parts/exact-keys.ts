/**
 * Returns a function that checks the keys of a JSON object: each key is ASCII, and equals a known key if it differs from
 * that key only in case. Podman ignores the case of keys (Go's encoding/json; `unmarshalToc` of containers/storage), so
 * it would read another value from any other object. Go also lowers some characters outside ASCII to ASCII.
 */
export function exactKeysOf(known: readonly string[]): (keys: readonly string[]) => boolean {
  const exact = new Map(known.map((key) => [key.toLowerCase(), key]));
  return (keys) => keys.every((key) => /^[\x20-\x7e]*$/.test(key) && (exact.get(key.toLowerCase()) ?? key) === key);
}
