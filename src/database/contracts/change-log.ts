import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Change } from '../../model/feed.ts';

/** What updates did to vulnerabilities, and what these were before. */
export type ChangeLogStore = {
  /** The changes with an id above `after`, oldest first. */
  readonly read: (page: { readonly after: number; readonly limit: number }) => Promise<readonly LoggedChange[]>;
  /** The ids of the last changes, the newest first; those below `before`, at most `limit`. */
  readonly latest: (page: { readonly before: number; readonly limit: number }) => Promise<readonly number[]>;
  /** A change with what it made of the advisory, also where that has changed again. */
  readonly find: (id: number) => Promise<ResolvedChange | undefined>;
  /**
   * The time, in milliseconds since 1970, from which on no change was removed by housekeeping; undefined when none ever was.
   * To be asked for after what was read of the log, which was whole then.
   */
  readonly wholeSince: () => Promise<number | undefined>;
  /** What was said of vulnerabilities until it changed, that which changed last first. */
  readonly former: (page: FormerPage) => Promise<readonly FormerAdvisory[]>;
  /** What feeds changed of these vulnerabilities after a time, by feed and name, and the oldest first. */
  readonly histories: (of: {
    readonly names: readonly AdvisoryName[];
    readonly after: number;
  }) => Promise<readonly LoggedChange[]>;
};

/** What tells one feed's word on a vulnerability from all others. */
export type AdvisoryName = Pick<Change, 'feed' | 'name'>;

export type FormerPage = {
  /** Changes after this time, in milliseconds since 1970. */
  readonly after: number;
  /** Those before this one; undefined for the first page. */
  readonly below: Pick<Change, 'at' | 'id'> | undefined;
  /** What says nothing of any of these namespaces comes without its text. */
  readonly namespaces: readonly string[];
  readonly limit: number;
};

/** An advisory as it was until a change; null where it cannot have said anything of a namespace that was asked for. */
export type FormerAdvisory = Pick<Change, 'id' | 'feed' | 'name' | 'at'> & { readonly advisory: Advisory | null };

/** A change with the advisory as it was before; null for one that was added. */
export type LoggedChange = Change & { readonly before: Advisory | null };

/** A change with the advisory as it was before and right after; null where there was none. */
export type ResolvedChange = LoggedChange & { readonly after: Advisory | null };
