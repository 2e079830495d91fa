import type { BigIntStats } from 'node:fs';

/** What an open file looks like from outside: no two contents of a file have the same stamp, see {@link isTelling}. */
export type FileStamp = {
  readonly device: bigint;
  readonly inode: bigint;
  /** In bytes. */
  readonly size: bigint;
  /** The time of the last change of the content, in nanoseconds. */
  readonly modified: bigint;
  /** The time of the last change of content or attributes, in nanoseconds; no program can set it. */
  readonly changed: bigint;
  readonly owner: bigint;
  readonly mode: bigint;
};

/** Takes the stamp of a file that is open. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs, uid, mode }: BigIntStats): FileStamp {
  return { device: dev, inode: ino, size, modified: mtimeNs, changed: ctimeNs, owner: uid, mode };
}

/** Tells whether a file is the same one with the same content, if its stamp {@link isTelling}. */
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

/** The coarsest time that a file system keeps is that of FAT, in milliseconds. */
const SETTLED_MILLISECONDS = 2000;

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022n;

export type TellingOptions = {
  /** When the content was read for the last time, in milliseconds since 1970. */
  readonly readAt: number;
  /** The user that this process runs as; undefined where the system has no such numbers. */
  readonly user: number | undefined;
  /** How much older than the reading the last change must be. */
  readonly settledMilliseconds?: number;
};

/**
 * Tells whether any later change of a file would give it another stamp.
 *
 * Two things could keep the stamp: a second change within the same tick of the clock of the file system, so the last change has to
 * be old enough; and a program that writes to memory that the file is mapped to, which sets the time only now and then. Only
 * the owner and root may do so where nobody else may write to the file, and these are trusted: they could change this process.
 */
export function isTelling(stamp: FileStamp, options: TellingOptions): boolean {
  const { readAt, user, settledMilliseconds = SETTLED_MILLISECONDS } = options;
  const isOwn = user !== undefined && (stamp.owner === BigInt(user) || stamp.owner === BigInt(ROOT));
  const age = readAt - Number(stamp.changed / 1_000_000n);
  return isOwn && (stamp.mode & WRITABLE_BY_OTHERS) === 0n && age >= settledMilliseconds;
}
