/** The state of a read replica for one instance. */
export type ReplicaStatus = {
  /**
   * `behind` means that the replica exceeds the maximum lag or lacks a commit of this instance, so the primary answers.
   */
  readonly state: 'serving' | 'behind' | 'unavailable';
  /**
   * The age of the oldest commit that the replica has not replayed, in milliseconds. If the replica is further behind
   * than the maximum lag, the value is approximately the maximum lag.
   */
  readonly lag: number;
  /** Whether the primary responded to the last check or query. */
  readonly isPrimaryUp: boolean;
  /** The reason why the replica is unavailable. */
  readonly error?: string;
  /** The number of queries that each server answered, in all threads of the instance. */
  readonly answers: { readonly replica: number; readonly primary: number };
};
