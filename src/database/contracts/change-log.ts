import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Change } from '../../model/feed.ts';

/** The log of changes to advisories. Each entry contains the advisory before the change. */
export type ChangeLogStore = {
  /** Returns changes with an id above `after`, oldest first. */
  readonly read: (page: { readonly after: number; readonly limit: number }) => Promise<readonly LoggedChange[]>;
  /** Returns the ids of the newest changes below `before`, newest first. */
  readonly latest: (page: { readonly before: number; readonly limit: number }) => Promise<readonly number[]>;
  /**
   * Returns the ids of the newest matching changes below `before`, newest first. `next` is the `before` of the next
   * page; undefined on the last page. Examines at most `maxLooked` changes, not counting excluded first imports.
   */
  readonly list: (page: {
    readonly filters: ChangeFilters;
    readonly before: number;
    readonly limit: number;
    readonly maxLooked: number;
  }) => Promise<{ readonly ids: readonly number[]; readonly next: number | undefined }>;
  /** Counts the matching changes; returns undefined if more than `maxLooked` changes would have to be examined. */
  readonly total: (filters: ChangeFilters, maxLooked: number) => Promise<number | undefined>;
  /**
   * Returns the first import of each feed, newest first. Counts at most 20,000 changes of each import.
   *
   * @param since milliseconds since 1970; earlier imports are left out
   */
  readonly firstImports: (since: number) => Promise<readonly FirstImport[]>;
  /**
   * Counts the changes since a time, in milliseconds since 1970, among the newest 20,000 changes without first imports.
   */
  readonly recent: (since: number) => Promise<RecentChanges>;
  /** Returns a change with the advisory as this change left it, even if the advisory has changed again since. */
  readonly find: (id: number) => Promise<ResolvedChange | undefined>;
  /**
   * Returns the time, in milliseconds since 1970, since which the log is complete; undefined if housekeeping never
   * removed a change. Callers must read the log first, because housekeeping may remove changes between the two reads.
   */
  readonly wholeSince: () => Promise<number | undefined>;
  /** Returns the advisories before the changes of a page, newest change first. */
  readonly former: (page: FormerPage) => Promise<readonly FormerAdvisory[]>;
  /** Returns changes to these advisories after a time, by feed and name, oldest first. */
  readonly histories: (of: {
    readonly names: readonly AdvisoryName[];
    readonly after: number;
  }) => Promise<readonly LoggedChange[]>;
  /** Returns the newest change to an advisory among the changes with ids below `below`. */
  readonly previous: (name: AdvisoryName, below: number) => Promise<Pick<LoggedChange, 'id' | 'before'> | undefined>;
};

/** The filters of a list of changes. A filter that is absent does not restrict the list. */
export type ChangeFilters = {
  /** Only changes at this time or later, in milliseconds since 1970. */
  readonly since?: number;
  /** Whether to leave out the first imports of feeds. */
  readonly isLater?: true;
  /** Whether to list only changes to vulnerabilities of indexed images. */
  readonly inImages?: true;
};

/** The first import of a feed. */
export type FirstImport = {
  readonly feed: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly changes: number;
  /** False if the import has more changes than were counted. */
  readonly isWhole: boolean;
};

/** The number of changes by kind, without the first imports of feeds. */
export type RecentChanges = {
  readonly kinds: Readonly<Record<Change['kind'], number>>;
  /** False if older changes may be missing from the counts, because only the latest changes are counted. */
  readonly isWhole: boolean;
};

export type AdvisoryName = Pick<Change, 'feed' | 'name'>;

export type FormerPage = {
  /** The page contains only changes after this time, in milliseconds since 1970. */
  readonly after: number;
  /** The page contains only changes before this change; undefined for the first page. */
  readonly below: Pick<Change, 'at' | 'id'> | undefined;
  /** An advisory that cannot affect any of these namespaces is returned as null. */
  readonly namespaces: readonly string[];
  readonly limit: number;
};

/** The advisory before a change; null if the advisory cannot affect a requested namespace. */
export type FormerAdvisory = Pick<Change, 'id' | 'feed' | 'name' | 'at'> & { readonly advisory: Advisory | null };

/** A change with the advisory before it; `before` is null for an added advisory. */
export type LoggedChange = Change & {
  readonly before: Advisory | null;
  /** The update that logged the change; null if an older release logged it. */
  readonly update: number | null;
};

/** A change with the advisories before and directly after it; null if the advisory did not exist. */
export type ResolvedChange = LoggedChange & { readonly after: Advisory | null };
