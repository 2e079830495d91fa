/** Receives the members of one archive. */
export type ZipVisitor = {
  /** Returns whether a member is skipped, read as a whole, or read as an archive. Not called for directories. */
  readonly member: (name: string) => 'skip' | 'content' | 'archive';
  /** Called for each member that is read as a whole; `bytes` may be part of a larger buffer. */
  readonly content: (name: string, bytes: Uint8Array) => void;
  /** Returns the visitor of the archive in a member. */
  readonly archive: (name: string) => ZipVisitor;
  /** Called once after the last member, even if the archive has faults. */
  readonly end: () => void;
  /** Reports members that may be missing, because the archive is damaged or exceeds a bound. */
  readonly fault: (what: string) => void;
};
