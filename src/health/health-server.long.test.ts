import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import type { DatabaseSizes } from './database-metrics.ts';
import type { ServiceHealth } from './health.ts';
import { createHealthServer } from './health-server.ts';
import { createMetrics } from './metrics.ts';

const DOWN: ServiceHealth = { isHealthy: false, isEssential: true, details: { error: 'disk full' } };
const UP: ServiceHealth = { isHealthy: true, isEssential: true, details: {} };
const STALE: ServiceHealth = { isHealthy: false, isEssential: false, details: {} };

let database: ServiceHealth;
let sizes: () => Promise<DatabaseSizes>;
let isServing: boolean;
let server: Server;
let url: string;

const metrics = createMetrics({
  database: () => sizes(),
  notifications: async () => ({ waiting: 3, delivered: 2, dead: 1 }),
  version: '1.2.3',
  now: () => 1_000_000,
  feeds: async () => [
    {
      feed: 'debian',
      fetcherVersion: 1,
      lastAttempt: 900_000,
      lastSuccess: 400_000,
      error: 'no network',
      refused: 'shrank',
      etag: null,
      lastModified: null,
      vulnerabilities: 7,
      recordDiagnostics: { count: 2, examples: [] },
      staleAfter: null,
    },
  ],
});

beforeAll(async () => {
  server = createHealthServer({
    health: { check: async () => ({ database, updater: STALE }) },
    metrics,
    isServing: () => isServing,
    log: { error: () => undefined },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  database = UP;
  isServing = true;
  sizes = async () => ({
    space: { total: 8192, free: 4096 },
    measured: { at: 940_000, tables: [{ table: 'layer', rows: 3, bytes: 4096 }] },
  });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function ask(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(`${url}${path}`, { method });
  return [response.status, await response.text()];
}

it.each<[string, string, number, number, number]>([
  ['health as in Clair v1', '/', 200, 503, 200],
  ['health as in Clair v2', '/health', 200, 500, 200],
  ['health as in Clair v4', '/healthz', 200, 500, 200],
  ['liveness', '/livez', 200, 200, 200],
  ['readiness', '/readyz', 200, 503, 503],
])('serves %s: %s', async (_, path, healthy, down, stopping) => {
  expect((await ask(path))[0]).toBe(healthy);
  database = DOWN;
  expect((await ask(path))[0]).toBe(down);
  [database, isServing] = [UP, false];
  expect((await ask(path))[0]).toBe(stopping);
});

it('has the JSON shapes of Clair v1 and v2', async () => {
  database = DOWN;
  expect(JSON.parse((await ask('/'))[1])).toEqual({
    database: { IsHealthy: false, Details: { error: 'disk full' } },
    updater: { IsHealthy: false, Details: {} },
  });
  expect(await ask('/health')).toEqual([500, '']);
});

it('serves Prometheus metrics under the Clair v2 names', async () => {
  metrics.requestAnswered({ route: 'GET /v1/versions', code: 200, milliseconds: 10 });
  metrics.feedUpdated({ isDone: false, milliseconds: 1500 });
  metrics.layerAnalyzed({ isDone: true, milliseconds: 20 });
  metrics.notificationSent({ milliseconds: 30 });
  metrics.notificationFailed({ backend: 'webhook' });
  metrics.changesIgnored({ changes: 3 });
  const [status, text] = await ask('/metrics');
  expect(status).toBe(200);
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      'clair_api_response_duration_milliseconds_bucket{le="9.375",route="GET /v1/versions",code="200"} 0',
      'clair_api_response_duration_milliseconds_bucket{le="18.75",route="GET /v1/versions",code="200"} 1',
      'clair_updater_errors_total 1',
      'clair_updater_duration_seconds 1.5',
      'clair_updater_notes_total 2',
      'clair_notifier_latency_milliseconds_count 1',
      'clair_notifier_backend_errors_total{backend="webhook"} 1',
      'clair_notifier_ignored_changes_total 3',
      'clair_worker_layer_duration_seconds_count{outcome="done"} 1',
      'clair_feed_age_seconds{feed="debian"} 600',
      'clair_feed_failing{feed="debian"} 1',
      'clair_feed_refused{feed="debian"} 1',
      'clair_build_info{version="1.2.3"} 1',
      'clair_database_bytes 8192',
      'clair_database_free_bytes 4096',
      'clair_database_table_bytes{table="layer"} 4096',
      'clair_database_table_rows{table="layer"} 3',
      'clair_housekeeping_age_seconds 60',
      'clair_database_up 1',
      'clair_notifier_notifications{state="dead"} 1',
    ]),
  );
});

it('serves metrics while the database is unavailable, with clair_database_up 0', async () => {
  sizes = () => Promise.reject(new ClairError('database/unavailable', 'gone'));
  const [status, text] = await ask('/metrics');
  expect(status).toBe(200);
  expect(text).toContain('\nclair_database_up 0\n');
  expect(text).toContain('\nclair_build_info{version="1.2.3"} 1\n');
});

it('has metrics of PostgreSQL', async () => {
  metrics.postgres.asked({ query: 'layers.find', milliseconds: 3 });
  metrics.postgres.failed({ kind: 'conflict' });
  metrics.postgres.poolOpened({ name: 'readers', connections: () => ({ busy: 2, idle: 1, waiting: 7 }) });
  expect((await ask('/metrics'))[1].split('\n')).toEqual(
    expect.arrayContaining([
      'clair_pgsql_query_duration_milliseconds_bucket{le="2",query="layers.find"} 0',
      'clair_pgsql_query_duration_milliseconds_bucket{le="4",query="layers.find"} 1',
      'clair_pgsql_error_total{kind="conflict"} 1',
      'clair_pgsql_connections{pool="readers",state="waiting"} 7',
    ]),
  );
});

it.each([
  ['/v1/layers', 'GET', 404],
  ['/health', 'POST', 405],
])('responds to %s by %s with %i', async (path, method, status) => {
  expect((await ask(path, method))[0]).toBe(status);
});
