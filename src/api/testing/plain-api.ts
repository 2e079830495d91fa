import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpClient } from '../../bytes/http/client.ts';
import type { Store } from '../../database/contracts/store.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { createHealth } from '../../health/health.ts';
import { createMetrics } from '../../health/metrics.ts';
import { noTracing } from '../../health/tracing.ts';
import { createInstanceReports } from '../../report/image/instance-reports.ts';
import { createLocalWorker } from '../../worker/testing/local-worker.ts';
import { createAccessCheck } from '../access/bearer-tokens.ts';
import { DEFAULT_HARBOR_SETTINGS } from '../harbor/settings.ts';
import { openListener } from '../access/listener.ts';
import type { ApiOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { createApi } from '../server.ts';

/** The issuer of the tokens. */
const ISSUER = 'plain-api';

/** The key of the tokens. */
const KEY = Buffer.alloc(32, 'key');

/**
 * Starts an API on a database in memory, without a submission queue, with or without tokens.
 *
 * @param given options that replace the defaults, such as the empty database
 */
export async function startPlainApi(
  families?: readonly ApiFamily[],
  {
    requiresTokens = false,
    ...given
  }: { readonly requiresTokens?: boolean } & Partial<Pick<ApiOptions, 'store' | 'knownFeeds' | 'answers'>> = {},
): Promise<FastifyInstance> {
  const options = { ...(await plainApiOptions(requiresTokens, given.store)), ...given };
  const server = await createApi(options, families);
  server.addHook('onClose', () => options.store.close());
  return server;
}

/** Returns an `Authorization` header with full access. */
export function plainApiToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'HS256' })}.${part({ iss: ISSUER, exp: Math.ceil(Date.now() / 1000) + 3600 })}`;
  return `Bearer ${content}.${createHmac('sha256', KEY).update(content).digest('base64url')}`;
}

async function plainApiOptions(requiresTokens: boolean, given: Store | undefined): Promise<ApiOptions> {
  const version = 'test';
  const log = pino({ level: 'silent' });
  const store = given ?? (await memoryStore());
  const metrics = createMetrics({
    version,
    feeds: store.feeds.all,
    database: async () => ({ space: await store.sizes.space() }),
    notifications: store.notifications.count,
    now: store.now,
  });
  const checkAccess = createAccessCheck({ full: { key: KEY, issuers: [ISSUER] } }, Date.now);
  const refuse = async (): Promise<never> => {
    throw new Error('the plain API has no submission queue');
  };
  return {
    store,
    worker: createLocalWorker({ store, detectors: [] }),
    health: createHealth({ store, now: store.now }),
    metrics,
    tracing: noTracing(),
    listener: await openListener({ log }),
    isOwnHost: () => true,
    ...(requiresTokens && { checkAccess, checkV4Access: checkAccess }),
    http: createHttpClient({ version }),
    hostGuard: { check: async () => undefined },
    harbor: DEFAULT_HARBOR_SETTINGS,
    webhooks: { registries: [] },
    allowedPaths: [],
    noteUse: () => undefined,
    ...createInstanceReports(store, []),
    knownFeeds: [],
    submissions: { submit: refuse, upload: refuse, submitDocument: refuse },
    manifests: { index: refuse },
    v4: { incomplete: 'finished' },
    wakeNotifier: () => undefined,
    version,
    log,
  };
}
