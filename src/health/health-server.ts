import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export type HealthServerOptions = {
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Returns whether the server accepts requests; true from the start of listening until the start of shutdown. */
  readonly isServing: () => boolean;
  readonly log: HealthServerLog;
};

/** The part of a pino logger that the health server uses. */
export type HealthServerLog = Readonly<Record<'error', (fields: object, message: string) => void>>;

type Answer = { readonly status: number; readonly type?: string; readonly body?: string };

/** The limits are low, because probes and scrapes send no bodies and finish quickly. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 15_000, maxHeaderSize: 8192 };

const MAX_CONNECTIONS = 100;

/**
 * Creates the server of the health port. The server requires no authentication and returns no secrets. The server has
 * these paths:
 *
 * - `/`: the health of each service, as in Clair v1; 503 if an essential service is down;
 * - `/health`: 200 or 500 with an empty body, as in Clair v2;
 * - `/healthz`: 200 or 500, as in Clair v4;
 * - `/livez`: 200 while the process responds;
 * - `/readyz`: 200 if the server accepts requests and no essential service is down, otherwise 503;
 * - `/metrics` and `/v1/metrics`: Prometheus metrics.
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

/** Returns the health of each service in the JSON shape of Clair v1, and whether an essential service is down. */
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
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'method not allowed; use GET or HEAD');
  switch (path) {
    case '/': {
      const { isDown, body } = await servicesBody(health);
      return { status: isDown ? 503 : 200, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
    }
    case '/health':
      return { status: (await servicesBody(health)).isDown ? 500 : 200 };
    case '/healthz':
      return (await servicesBody(health)).isDown ? text(500, 'the database is down') : text(200, 'ok');
    case '/livez':
      return text(200, 'ok');
    case '/readyz':
      if (!isServing()) return text(503, 'the server is starting or stopping');
      return (await servicesBody(health)).isDown ? text(503, 'the database is down') : text(200, 'ok');
    case '/metrics':
    case '/v1/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return text(404, 'not found; use /, /health, /healthz, /livez, /readyz or /metrics');
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
