import type { BigIntStats } from 'node:fs';

/**
 * The identity and state of an open file. Different content never has the same stamp if {@link isTelling} accepts the
 * stamp.
 */
export type FileStamp = {
  readonly device: bigint;
  readonly inode: bigint;
  /** The size in bytes. */
  readonly size: bigint;
  /** The time of the last content change, in nanoseconds. */
  readonly modified: bigint;
  /** The time of the last content or attribute change, in nanoseconds; programs cannot set this time. */
  readonly changed: bigint;
  readonly owner: bigint;
  readonly mode: bigint;
};

/**
 * Returns the stamp for a result of `stat`. The result must come from a call with the option `bigint`, because times in
 * milliseconds are not exact.
 */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs, uid, mode }: BigIntStats): FileStamp {
  return { device: dev, inode: ino, size, modified: mtimeNs, changed: ctimeNs, owner: uid, mode };
}

/** Returns whether two stamps identify the same file and content, provided that {@link isTelling} accepts them. */
export function areSameStamps(one: FileStamp, other: FileStamp): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modified === other.modified &&
    one.changed === other.changed &&
    one.owner === other.owner &&
    one.mode === other.mode
  );
}

/** The minimum age of a change in milliseconds. FAT has the coarsest timestamps, with a resolution of 2 seconds. */
const SETTLED_MILLISECONDS = 2000;

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022n;

export type TellingOptions = {
  /** The time when the content was last read, in milliseconds since 1970. */
  readonly readAt: number;
  /** The ID of the user who runs this process; undefined on systems without user IDs. */
  readonly user: number | undefined;
  /** The minimum time between the last change and the read, in milliseconds. */
  readonly settledMilliseconds?: number;
};

/**
 * Returns whether every later change of the file is certain to change the stamp.
 *
 * Two kinds of changes could leave the stamp unchanged. The minimum age excludes a second change within a tick of the
 * file system's clock. A write through a memory mapping updates the timestamps only occasionally, so only the owner and
 * root may have write access. The owner and root are trusted, because both could change this process anyway.
 */
export function isTelling(stamp: FileStamp, options: TellingOptions): boolean {
  const { readAt, user, settledMilliseconds = SETTLED_MILLISECONDS } = options;
  const isOwn = user !== undefined && (stamp.owner === BigInt(user) || stamp.owner === BigInt(ROOT));
  const age = readAt - Number(stamp.changed / 1_000_000n);
  return isOwn && (stamp.mode & WRITABLE_BY_OTHERS) === 0n && age >= settledMilliseconds;
}
