import type { SchemeId } from '../../versions/index.ts';

/** The known namespaces of packages and vulnerabilities. */
export type NamespaceStore = {
  /** By name. */
  readonly all: () => Promise<readonly KnownNamespace[]>;
  /** Returns the version scheme of a namespace; undefined for an unknown namespace. */
  readonly scheme: (name: string) => Promise<SchemeId | undefined>;
};

export type KnownNamespace = { readonly name: string; readonly scheme: SchemeId };
