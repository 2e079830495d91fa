/** The state of a read replica as one instance sees it. */
export type ReplicaStatus = {
  /** `behind`: more than the maximal lag, or without a commit of this instance; the primary is asked instead. */
  readonly state: 'serving' | 'behind' | 'unavailable';
  /** The age of the oldest commit that the replica does not show, in milliseconds. */
  readonly lag: number;
  /** Whether the primary answered last time. */
  readonly isPrimaryUp: boolean;
  /** Why the replica is unavailable. */
  readonly error?: string;
  /** Queries by the server that answered, in all threads of the instance. */
  readonly answers: { readonly replica: number; readonly primary: number };
};
