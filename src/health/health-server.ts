import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export type HealthServerOptions = {
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Whether requests should be sent here: not before the server listens, and no more once it stops. */
  readonly isServing: () => boolean;
  readonly log: HealthServerLog;
};

/** Where it tells what failed; pino is one. */
export type HealthServerLog = Readonly<Record<'error', (fields: object, message: string) => void>>;

type Answer = { readonly status: number; readonly type?: string; readonly body?: string };

/** Nobody who asks for these sends bodies or is slow. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 15_000, maxHeaderSize: 8192 };

const MAX_CONNECTIONS = 100;

/**
 * Makes the server of the health port, which needs no token and no certificate, and says nothing that is secret:
 *
 * - `/` each service's own view as the first generation had it, 503 when one is down without which nothing works;
 * - `/health` 200 or 500 with an empty body, as the stable generation had it;
 * - `/livez` 200 as long as the process answers; `/readyz` 200 or 503, whether requests should be sent here;
 * - `/metrics` and `/v1/metrics` for Prometheus.
 */
export function createHealthServer(options: HealthServerOptions): Server {
  const server = createServer({ ...LIMITS, connectionsCheckingInterval: 1000 }, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    void answer(options, request.method ?? '', path)
      .catch((error: unknown): Answer => {
        options.log.error({ err: error, path }, 'health request failed');
        return { status: 500 };
      })
      .then((given) => send(response, given));
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/**
 * Says each service's own view in the original's shape, and whether one is down without which nothing works.
 */
export async function servicesBody(health: Health): Promise<{ readonly isDown: boolean; readonly body: object }> {
  const services = Object.entries(await health.check());
  const shown = services.map(([name, { isHealthy, details }]) => [name, { IsHealthy: isHealthy, Details: details }]);
  return {
    isDown: services.some(([, { isHealthy, isEssential }]) => isEssential && !isHealthy),
    body: Object.fromEntries(shown),
  };
}

async function answer(
  { health, metrics, isServing }: HealthServerOptions,
  method: string,
  path: string,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET and HEAD');
  switch (path) {
    case '/': {
      const { isDown, body } = await servicesBody(health);
      return { status: isDown ? 503 : 200, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
    }
    case '/health':
      return { status: (await servicesBody(health)).isDown ? 500 : 200 };
    case '/livez':
      return text(200, 'ok');
    case '/readyz':
      if (!isServing()) return text(503, 'not serving');
      return (await servicesBody(health)).isDown ? text(503, 'a service is down') : text(200, 'ok');
    case '/metrics':
    case '/v1/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return text(404, 'there are /, /health, /livez, /readyz and /metrics');
  }
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function send(response: ServerResponse, { status, type, body = '' }: Answer): void {
  response.writeHead(status, {
    ...(type !== undefined && { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
