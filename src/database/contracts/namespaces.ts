import type { SchemeId } from '../../versions/index.ts';

export type NamespaceStore = {
  /** Returns all namespaces, by name. */
  readonly all: () => Promise<readonly KnownNamespace[]>;
  /** Returns the version scheme of a namespace; undefined for an unknown namespace. */
  readonly scheme: (name: string) => Promise<SchemeId | undefined>;
};

export type KnownNamespace = { readonly name: string; readonly scheme: SchemeId };
