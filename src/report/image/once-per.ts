/**
 * Returns a function that computes the value of each key only once, unless the value is null or undefined. Keys are
 * compared as in a `Map`: objects by identity.
 */
export function oncePer<Key, Value>(valueOf: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined && before !== null) return before;
    const value = valueOf(key);
    known.set(key, value);
    return value;
  };
}
