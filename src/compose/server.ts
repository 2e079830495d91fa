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
import type { PartialFetch } from '../worker/parts/parts-scope.ts';
import { openRegistryLogins, type RegistryLogin } from '../worker/sources/registry/registry-logins.ts';
import { startSubmissionQueue } from '../worker/submissions/submission-queue.ts';
import { createSubmittedImageReader } from '../worker/submissions/submitted-image.ts';
import { KNOWN_FEEDS } from './known-feeds.ts';

/** The access control, allowed layer locations, limits and log of the server. */
export type ServerOptions = {
  /** The certificate files; plain HTTP when absent. */
  readonly tls?: TlsFiles;
  /** The keys of accepted tokens; without keys, every client has full access. */
  readonly tokens?: TokenKeys;
  readonly limits?: Partial<ListenerLimits>;
  /** The disk space for uploads and unpacked archives in bytes; unlimited when absent. */
  readonly temporaryBytes?: number;
  /**
   * The accepted values of the `Host` header (host names, IP addresses and CIDR ranges), in addition to the addresses
   * of the machine.
   */
  readonly hosts?: readonly string[];
  /** The directories from which clients may submit layers by path. */
  readonly allowedPaths: readonly string[];
  /** The private hosts from which the server may fetch layers and images (host names, IP addresses and CIDR ranges). */
  readonly allowedHosts: readonly string[];
  /** The credentials for the registries of submitted images; the server accesses all other registries anonymously. */
  readonly registries?: readonly RegistryLogin[];
  /**
   * The number of concurrent readers of submitted images; the minimum download rate in bytes per second (0 for no
   * minimum); and the registries whose layers are read only in part.
   */
  readonly reading?: {
    readonly readers?: number;
    readonly minimumRate?: number;
    readonly partialFetch?: readonly PartialFetch[];
  };
  /**
   * The number of manifests of Clair v4 clients to index at a time, and the index state of an image whose packages were
   * not checked.
   */
  readonly v4?: Partial<V4Options> & { readonly maxManifests?: number | undefined };
  /** The settings of the scanner adapter for Harbor; when absent, the defaults apply. */
  readonly harbor?: HarborSettings;
  /** The settings of registry webhooks; when absent, no webhooks are accepted. */
  readonly webhooks?: WebhookSettings;
  readonly log: FastifyBaseLogger;
} & Pick<ApiOptions, 'pageTokenKey' | 'selectedFeeds' | 'timeout'>;

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
 * Creates the HTTP server for the services of a Clair instance. Closing the server also closes all resources that the
 * server opened.
 *
 * @throws the errors of `Clair.api`
 */
export async function composeApi(
  { reports, counterFor, sharedDatabase, suppressionFiles, ...services }: ServedServices,
  {
    allowedHosts,
    hosts = [],
    registries = [],
    reading: { readers, minimumRate, partialFetch = [] } = {},
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
  // Parse the host lists first, so that an invalid host is rejected before anything starts.
  const [policy, isOwnHost] = [createHostPolicy({ allowedHosts }), createOwnHosts(hosts)];
  const layerHttp = createHttpClient({ version, policy, minimumRate, findCertificates });
  const space = createTemporarySpace({ maxBytes: options.temporaryBytes });
  const { countOne } = counterFor(options.log);
  const read = createSubmittedImageReader({
    worker,
    http: layerHttp,
    credentials,
    partialFetch,
    space,
    count: countOne,
  });
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
