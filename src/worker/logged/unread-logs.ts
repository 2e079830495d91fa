import type { Digest } from '../../model/digest.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import type { LoggedDatabase } from './logged-databases.ts';

/** A database and its log that have not been read together. */
export type UnreadDatabase = LoggedDatabase & {
  /** The layers that brought the two, by the digest that their contents are kept by. */
  readonly layers: { readonly database: Digest | undefined; readonly log: Digest | undefined };
};

/** Databases that are to be read together with their logs. */
export type UnreadLogs = {
  readonly databases: readonly UnreadDatabase[];
  /** What the layers were read for beside the patterns of detectors. */
  readonly targets: readonly LinkTarget[];
};
