/** Receives the members of an archive. */
export type ZipVisitor = {
  /**
   * Returns whether to skip a member, to read the member as a whole, or to read the member as an archive. The reader
   * does not call this function for directories.
   */
  readonly member: (name: string) => 'skip' | 'content' | 'archive';
  /** Receives each member that is read as a whole; `bytes` can be part of a larger buffer. */
  readonly content: (name: string, bytes: Uint8Array) => void;
  /** Returns the visitor of the archive in a member. */
  readonly archive: (name: string) => ZipVisitor;
  /** The reader calls this function once after the last member, even if the archive has faults. */
  readonly end: () => void;
  /**
   * Receives a fault of the archive or of a member, such as damage or an exceeded limit. After a fault, members might
   * be missing.
   */
  readonly fault: (what: string) => void;
};
