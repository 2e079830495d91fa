import { createMetrics, type MetricDescription } from '../../src/health/metrics.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';

const INTRODUCTION = `${generatedHead('the metrics in src/health')}

# Metrics

The health port (\`api.healthport\`) serves metrics in the Prometheus format at \`/metrics\`, and the API serves them at \`/v1/metrics\`. Metrics from Clair v2 keep their names. [Monitor the server](../how-to/monitor.md) explains the alerts.

`;

const NOTES = `
- \`route\` is a method and a route, such as \`GET /v1/layers/{id}\`.
- \`query\` is a function of \`src/database/contracts/store.ts\`, such as \`layers.find\`. \`clair_pgsql_*\` exist only with PostgreSQL, and
  exclude the threads with connections of their own, which run scheduled feed updates, compute long responses, count images, store layers
  and search layers for file rules.
- \`kind\` of \`clair_pgsql_error_total\`: \`connection\` (not established, or lost), \`conflict\` (with another transaction), \`timeout\` (a statement or a
  lock took too long), \`refused\` (missing privileges), \`limit\` (memory, disk, connections, value size) or \`other\`.
- While the database is unavailable, \`clair_database_up\` is 0 and the metrics of the database, feeds and notifications keep their last
  values.
- \`process_*\` and \`nodejs_*\` are the default metrics of prom-client.
- Clair does not provide the \`clair_pgsql_cache_*\` and \`clair_pgsql_concurrent_lock_vafv_milliseconds\` of Clair v2.
`;

/** Returns the text of docs/reference/metrics.md. */
export async function metricsPage(): Promise<string> {
  const metrics = createMetrics({
    version: '',
    feeds: async () => [],
    database: async () => ({ space: { total: 0 } }),
    notifications: async () => ({ waiting: 0, delivered: 0, dead: 0 }),
    now: () => 0,
  });
  const rows = (await metrics.descriptions()).map(rowOf);
  return `${INTRODUCTION}${markdownTable([['metric', 'type', 'labels', 'meaning'], ...rows])}${NOTES}`;
}

function rowOf({ name, type, labels, help }: MetricDescription): readonly string[] {
  return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help];
}
