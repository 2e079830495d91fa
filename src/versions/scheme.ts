import { ClairError } from '../errors.ts';
import { invalidVersion } from './keys/invalid-version.ts';

/** The version order of a package manager. */
export type VersionScheme<Id extends string = string> = {
  readonly id: Id;
  /**
   * Returns the key of a version. Comparing keys byte by byte produces the order of the package manager, and equal
   * versions have equal keys. No key is a prefix of another, no key is empty ({@link ZERO_KEY}), and all keys are below
   * {@link INFINITY_KEY}.
   *
   * @throws ClairError `version/invalid` if the version violates the rules of the scheme
   */
  readonly key: (version: string) => Uint8Array;
  /** Returns the key, or undefined for a version that `key` rejects. */
  readonly keyOf: (version: string) => Uint8Array | undefined;
};

/**
 * The maximum size of a key, in bytes. An index row of PostgreSQL, which has at most 2,704 bytes, contains both ends of
 * a range. Most keys are hardly longer than their versions.
 */
export const MAX_KEY_BYTES = 1100;

/** Creates a scheme from a function that returns keys of any length. */
export function createScheme<Id extends string>(id: Id, keyOfAnyLength: VersionScheme['key']): VersionScheme<Id> {
  function key(version: string): Uint8Array {
    const found = keyOfAnyLength(version);
    if (found.length <= MAX_KEY_BYTES) return found;
    throw invalidVersion(version, `has a sort key of ${found.length} bytes; the limit is ${MAX_KEY_BYTES}`);
  }

  return {
    id,
    key,
    keyOf(version) {
      try {
        return key(version);
      } catch (error) {
        if (error instanceof ClairError && error.code === 'version/invalid') return undefined;
        throw error;
      }
    },
  };
}

/** A key below the key of every version in every scheme. */
export const ZERO_KEY: Uint8Array = new Uint8Array(0);

/** A key above the key of every version in every scheme, because no key starts with the byte FF. */
export const INFINITY_KEY: Uint8Array = Uint8Array.of(0xff);
