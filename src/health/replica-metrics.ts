import { Counter, Gauge, type Registry } from 'prom-client';
import type { DatabaseObserver } from '../database/engines/database-observer.ts';

/** Registers the metrics of the read replica, and returns a function that sets the metrics. */
export function replicaMetrics(registry: Registry): DatabaseObserver['replicaOpened'] {
  const registers = [registry];
  const statuses: Parameters<DatabaseObserver['replicaOpened']>[0][] = [];
  const up = new Gauge({
    name: 'clair_database_replica_up',
    help: '1 if the read replica answers queries, 0 if the primary answers because the replica is behind or unavailable; absent without `database.replica`.',
    registers,
    collect() {
      for (const status of statuses) up.set(status().state === 'serving' ? 1 : 0);
    },
  });
  up.remove();
  const lag = new Gauge({
    name: 'clair_database_replica_lag_seconds',
    help: 'Age of the oldest commit that the read replica has not applied, at most about `database.replicalag`; 0 while the replica is unavailable.',
    registers,
    collect() {
      for (const status of statuses) lag.set(status().lag / 1000);
    },
  });
  lag.remove();
  const answers = new Counter({
    name: 'clair_database_questions_total',
    help: 'Queries for read requests, by the server that answered (replica or primary); only with `database.replica`.',
    labelNames: ['server'],
    registers,
    collect() {
      answers.reset();
      for (const status of statuses) {
        for (const [server, count] of Object.entries(status().answers)) answers.inc({ server }, count);
      }
    },
  });
  return (status) => void statuses.push(status);
}
