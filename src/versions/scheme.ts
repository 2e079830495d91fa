import { ClairError } from '../errors.ts';

/** How one package manager orders versions. */
export type VersionScheme<Id extends string = string> = {
  readonly id: Id;
  /**
   * Gives the order-preserving key of `version`: comparing two keys byte by byte orders them exactly as the package
   * manager orders the versions, and equal versions have equal keys. No key is a prefix of another, none is empty
   * (that is {@link ZERO_KEY}) and each is below {@link INFINITY_KEY}.
   *
   * @throws ClairError `version/invalid` when the package manager would not accept the version.
   */
  readonly key: (version: string) => Uint8Array;
  /** Returns the key, or undefined when the package manager would not accept the version. */
  readonly keyOf: (version: string) => Uint8Array | undefined;
};

/** Creates a scheme from its key function. */
export function createScheme<Id extends string>(id: Id, key: VersionScheme['key']): VersionScheme<Id> {
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

/** 0: below the key of every version, of every scheme. */
export const ZERO_KEY: Uint8Array = new Uint8Array(0);

/** Infinity: above the key of every version, of every scheme, since no key starts with byte FF. */
export const INFINITY_KEY: Uint8Array = Uint8Array.of(0xff);
