import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createAccessCheck, type TokenKeys, withV4Issuer } from '../api/access/bearer-tokens.ts';
import { createOwnHosts } from '../api/access/host-names.ts';
import { type ListenerLimits, openListener } from '../api/access/listener.ts';
import type { TlsFiles } from '../api/access/tls-files.ts';
import type { ApiOptions, V4Options } from '../api/api-options.ts';
import { DEFAULT_HARBOR_SETTINGS, type HarborSettings } from '../api/harbor/settings.ts';
import { randomPageTokenKey } from '../api/page-tokens.ts';
import { createApi } from '../api/server.ts';
import type { WebhookSettings } from '../api/webhooks/settings.ts';
import { createAnswerPool } from '../api/threads/answer-pool.ts';
import { createHostGuard } from '../bytes/host-guard.ts';
import { createHostPolicy } from '../bytes/host-policy.ts';
import { createHttpClient } from '../bytes/http/client.ts';
import { createTemporarySpace } from '../bytes/temporary-space.ts';
import type { CountingLog, ImageCounter } from '../counting/image-counter.ts';
import type { SharedDatabaseOptions } from '../database/open-store.ts';
import type { InstanceReports } from '../report/image/instance-reports.ts';
import { clairVersion } from '../version.ts';
import { createManifestIndex } from '../worker/manifests/manifest-index.ts';
import { openRegistryLogins, type RegistryLogin } from '../worker/sources/registry/registry-logins.ts';
import { startSubmissionQueue } from '../worker/submissions/submission-queue.ts';
import { createSubmittedImageReader } from '../worker/submissions/submitted-image.ts';
import { KNOWN_FEEDS } from './known-feeds.ts';

/** Access control, allowed layer locations, limits and log of the server. */
export type ServerOptions = {
  /** The certificate files; plain HTTP when absent. */
  readonly tls?: TlsFiles;
  /** Without tokens every client has full access. */
  readonly tokens?: TokenKeys;
  readonly limits?: Partial<ListenerLimits>;
  /** Disk space for uploads and unpacked archives in bytes; unlimited when absent. */
  readonly temporaryBytes?: number;
  /** Accepted `Host` header values: host names, IP addresses and CIDR ranges, in addition to the addresses of the machine. */
  readonly hosts?: readonly string[];
  /** Directories from which clients may submit layers by path. */
  readonly allowedPaths: readonly string[];
  /** Private hosts that layers and images may be fetched from: host names, IP addresses and CIDR ranges. */
  readonly allowedHosts: readonly string[];
  /** Credentials for submitted images; other registries are accessed anonymously. */
  readonly registries?: readonly RegistryLogin[];
  /** Concurrent readers of submitted images, and the minimum download rate in bytes per second (0 for no limit). */
  readonly reading?: { readonly readers?: number; readonly minimumRate?: number };
  /**
   * The number of manifests of Clair v4 clients to index at a time, and the index state of an image whose packages were
   * not checked.
   */
  readonly v4?: Partial<V4Options> & { readonly maxManifests?: number | undefined };
  /** The settings of the scanner adapter for Harbor; the defaults when absent. */
  readonly harbor?: HarborSettings;
  /** Registry webhooks; none when absent. */
  readonly webhooks?: WebhookSettings;
  readonly log: FastifyBaseLogger;
} & Pick<ApiOptions, 'pageTokenKey' | 'timeout'>;

/** The services that the API serves. */
export type ServedServices = Pick<
  ApiOptions,
  'store' | 'worker' | 'health' | 'metrics' | 'tracing' | 'noteUse' | 'wakeNotifier' | 'questions'
> & {
  readonly reports: InstanceReports;
  readonly counterFor: (log: CountingLog) => ImageCounter;
  /** The database for threads that compute large responses; if absent, the calling thread computes these responses. */
  readonly sharedDatabase: SharedDatabaseOptions | undefined;
  readonly suppressionFiles: readonly string[];
};

/**
 * Creates the HTTP server over the services of one Clair instance. Closing the server closes everything that it opened.
 *
 * @throws ClairError as `Clair.api` does
 */
export async function composeApi(
  { reports, counterFor, sharedDatabase, suppressionFiles, ...services }: ServedServices,
  {
    allowedHosts,
    hosts = [],
    registries = [],
    reading: { readers, minimumRate } = {},
    tls,
    tokens,
    limits,
    pageTokenKey = randomPageTokenKey(),
    v4: { maxManifests, incomplete = 'finished' } = {},
    harbor = DEFAULT_HARBOR_SETTINGS,
    webhooks = { registries: [] },
    ...options
  }: ServerOptions,
): Promise<FastifyInstance> {
  const version = clairVersion();
  const { store, worker } = services;
  const { credentials, findCertificates } = await openRegistryLogins(registries);
  // Rejects invalid hosts before anything starts.
  const [policy, isOwnHost] = [createHostPolicy({ allowedHosts }), createOwnHosts(hosts)];
  const layerHttp = createHttpClient({ version, policy, minimumRate, findCertificates });
  const space = createTemporarySpace({ maxBytes: options.temporaryBytes });
  const { countOne } = counterFor(options.log);
  const read = createSubmittedImageReader({ worker, http: layerHttp, credentials, space, count: countOne });
  const listener = await openListener({ log: options.log, ...(tls && { tls }), ...(limits && { limits }) });
  const submissions = startSubmissionQueue({ store, read, space, log: options.log, readers });
  const { engineVersion } = worker;
  const answers =
    sharedDatabase &&
    createAnswerPool({ database: sharedDatabase, suppressionFiles, pageTokenKey, harbor, engineVersion });
  const end = async (): Promise<void> => {
    await answers?.close();
    await submissions.stop();
    await layerHttp.close();
  };
  const server = await createApi({
    ...services,
    http: layerHttp,
    hostGuard: createHostGuard(policy),
    harbor,
    webhooks,
    listener,
    isOwnHost,
    ...reports,
    pageTokenKey,
    ...(answers && { answers }),
    knownFeeds: KNOWN_FEEDS,
    submissions,
    manifests: createManifestIndex({ store, worker, http: layerHttp, space, maxManifests }),
    v4: { incomplete },
    version,
    ...(tokens && {
      checkAccess: createAccessCheck(tokens, store.now),
      checkV4Access: createAccessCheck(withV4Issuer(tokens), store.now),
    }),
    ...options,
  }).catch(async (error: unknown) => {
    listener.close();
    await end();
    throw error;
  });
  server.addHook('onClose', end);
  return server;
}
