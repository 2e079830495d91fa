import type { Digest } from '../../model/digest.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import type { LoggedDatabase } from './logged-databases.ts';

/** A database and its log that were not read together. */
export type UnreadDatabase = LoggedDatabase & {
  /** The layers of both files, by the digests of their contents. */
  readonly layers: { readonly database: Digest | undefined; readonly log: Digest | undefined };
};

export type UnreadLogs = {
  readonly databases: readonly UnreadDatabase[];
  readonly targets: readonly LinkTarget[];
};
