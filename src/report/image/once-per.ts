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

/**
 * Returns a function that computes the value of each run of equal keys only once, for lists in which equal keys are
 * mostly neighbours. Keys are compared as in {@link oncePer}, which takes longer for many keys.
 */
export function oncePerRun<Key extends object, Value>(valueOf: (key: Key) => Value): (key: Key) => Value {
  let last: { readonly key: Key; readonly value: Value } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: valueOf(key) };
    return last.value;
  };
}
