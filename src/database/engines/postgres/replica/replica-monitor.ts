import { setTimeout } from 'node:timers/promises';
import type { ReplicaStatus } from '../../replica-status.ts';
import type { ConnectionPool } from '../pool.ts';
import { ReplicaBehind, type ReplicaConnections } from './replica-connections.ts';
import type { ReplicationState } from './replication-state.ts';
import { positionOf } from './server-position.ts';

/** The time between two checks of both servers, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/**
 * Runs in one thread of an instance: checks both servers, and publishes to all threads which server answers questions.
 */
export type ReplicaMonitor = {
  readonly status: () => ReplicaStatus;
  readonly stop: () => Promise<void>;
};

export type ReplicaMonitorOptions = {
  /** One connection to each server, reserved for the checks. */
  readonly primary: ConnectionPool;
  readonly replica: ConnectionPool;
  readonly connections: Pick<ReplicaConnections, 'reach'>;
  readonly state: ReplicationState;
  /** The maximum lag in milliseconds; while the lag is longer, the replica is not used. */
  readonly maxLag: number;
  /** Receives each state change of a server. */
  readonly changed: (status: ReplicaStatus) => void;
};

/**
 * The end of the primary's log at a time. The lag is the age of the oldest sample that the replica has not replayed.
 */
type Sample = { readonly at: number; readonly position: bigint };

/**
 * Checks both servers once, and then every second until the monitor is stopped.
 *
 * @throws PostgreSQL errors of the first check of the primary
 */
export async function startReplicaMonitor({
  primary,
  replica,
  connections,
  state,
  maxLag,
  changed,
}: ReplicaMonitorOptions): Promise<ReplicaMonitor> {
  const stopped = new AbortController();
  let samples: Sample[] = [];
  let present: Omit<ReplicaStatus, 'answers'> | undefined;

  async function lookAtPrimary(): Promise<void> {
    const seen = state.lastCommit();
    const at = performance.now();
    const { position, isStandby, ...identity } = await primary.use(positionOf);
    if (isStandby) return state.setPrimaryUp(false);
    state.setPrimary(identity);
    state.setPrimaryUp(true);
    state.forgetBeyond(seen, position);
    samples = [...samples.filter((each) => each.position <= position), { at, position }];
    const old = samples.findLastIndex((each) => each.at <= at - maxLag);
    samples = samples.slice(Math.max(old, 0));
    // After the start, the oldest sample is the floor even if it is less than `maxLag` old, because the replica may be
    // hours behind.
    const [oldest] = samples;
    if (oldest !== undefined) state.setFloor(oldest.position);
  }

  function lagAt(position: bigint): number {
    const missing = samples.find((each) => each.position > position);
    return missing === undefined ? 0 : Math.max(1, Math.round(performance.now() - missing.at));
  }

  async function lookAtReplica(): Promise<Pick<ReplicaStatus, 'state' | 'lag' | 'error'>> {
    try {
      const { position } = await connections.reach(replica, !state.isPrimaryUp());
      return { state: 'serving', lag: lagAt(position) };
    } catch (error) {
      if (error instanceof ReplicaBehind) return { state: 'behind', lag: lagAt(error.position ?? 0n) };
      const reason = error instanceof AggregateError ? String(error.errors[0]) : String(error);
      return { state: 'unavailable', lag: 0, error: reason };
    }
  }

  async function look(): Promise<void> {
    const [, seen] = await Promise.all([lookAtPrimary().catch(() => state.setPrimaryUp(false)), lookAtReplica()]);
    state.setUsable(seen.state === 'serving');
    const next = { ...seen, isPrimaryUp: state.isPrimaryUp() };
    const isChange = next.state !== present?.state || next.isPrimaryUp !== present.isPrimaryUp;
    present = next;
    if (isChange) changed(status());
  }

  function status(): ReplicaStatus {
    const unknown = { state: 'unavailable', lag: 0, isPrimaryUp: state.isPrimaryUp() } as const;
    return { ...(present ?? unknown), answers: state.counts() };
  }

  async function keepLooking(): Promise<void> {
    for (;;) {
      await setTimeout(LOOK_EVERY_MS, undefined, { signal: stopped.signal, ref: false });
      await look();
    }
  }

  // Check the primary first, because its identity is needed to recognise its replica.
  await lookAtPrimary();
  await look();
  const looking = keepLooking().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  return {
    status,
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}
