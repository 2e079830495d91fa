import type { SchemeId } from '../../versions/index.ts';

export type NamespaceStore = {
  /** By name. */
  readonly all: () => Promise<readonly KnownNamespace[]>;
  /** Undefined for an unknown namespace. */
  readonly scheme: (name: string) => Promise<SchemeId | undefined>;
};

export type KnownNamespace = { readonly name: string; readonly scheme: SchemeId };
