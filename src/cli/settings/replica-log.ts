import type { FastifyBaseLogger } from 'fastify';
import type { ReplicaStatus } from '../../database/engines/replica-status.ts';

/** Returns a function that logs each change of the state of the read replica. */
export function replicaLog(log: Pick<FastifyBaseLogger, 'info' | 'warn'>): (status: ReplicaStatus) => void {
  return ({ state, lag, error, isPrimaryUp }) => {
    const fields = { lagMilliseconds: lag, ...(error !== undefined && { error }) };
    if (!isPrimaryUp) log.warn(fields, `the primary database is unavailable; the replica is ${state}`);
    else if (state === 'serving') log.info(fields, 'the replica answers read requests');
    else log.warn(fields, `the replica is ${state}; the primary answers read requests`);
  };
}
