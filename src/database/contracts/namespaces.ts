import type { SchemeId } from '../../versions/index.ts';

/** The namespaces of the packages and vulnerabilities that are known. */
export type NamespaceStore = {
  /** By name. */
  readonly all: () => Promise<readonly KnownNamespace[]>;
  /** How the versions of a namespace are ordered; undefined for one that is not known. */
  readonly scheme: (name: string) => Promise<SchemeId | undefined>;
};

export type KnownNamespace = { readonly name: string; readonly scheme: SchemeId };
