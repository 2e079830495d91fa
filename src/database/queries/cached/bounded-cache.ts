/** Values by key, up to a number of bytes. */
export type BoundedCache<Value> = {
  readonly get: (key: string) => Value | undefined;
  /** @param bytes the estimated size of the key and the value */
  readonly set: (key: string, value: Value, bytes: number) => void;
};

/**
 * Creates an empty cache. A value that exceeds the maximum size of the cache empties the cache first, because the values
 * in use soon return, and an order of use would cost memory for each value.
 */
export function createBoundedCache<Value>(maxBytes: number): BoundedCache<Value> {
  const values = new Map<string, Value>();
  let total = 0;
  return {
    get: (key) => values.get(key),
    set(key, value, bytes) {
      if (total + bytes > maxBytes) {
        values.clear();
        total = 0;
      }
      values.set(key, value);
      total += bytes;
    },
  };
}
