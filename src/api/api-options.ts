import type { FastifyBaseLogger } from 'fastify';
import type { HostGuard } from '../bytes/host-guard.ts';
import type { HttpClient } from '../bytes/http/client.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Questions } from '../database/engines/question.ts';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../health/metrics.ts';
import type { Tracing } from '../health/tracing.ts';
import type { Layer } from '../model/layer.ts';
import type { Report } from '../model/report/report.ts';
import type { KnownFeed } from '../model/report/feed-row.ts';
import type { ChangesSince } from '../report/changes/stored-changes.ts';
import type { ReportedImage } from '../report/image/image-report.ts';
import type { ReportableImage } from '../report/image/indexed-image.ts';
import type { ManifestIndex } from '../worker/manifests/manifest-index.ts';
import type { SubmissionQueue } from '../worker/submissions/submission-queue.ts';
import type { Worker } from '../worker/worker.ts';
import type { AccessCheck } from './access/bearer-tokens.ts';
import type { OwnHosts } from './access/host-names.ts';
import type { Listener } from './access/listener.ts';
import type { HarborSettings } from './harbor/settings.ts';
import type { PageTokens } from './page-tokens.ts';
import type { WebhookSettings } from './webhooks/settings.ts';
import type { IncompleteAnswer } from './v4/remarks.ts';
import type { AnswerPool } from './threads/pooled-answer.ts';

/** The services behind the API, and its limits. */
export type ApiOptions = {
  readonly store: Store;
  readonly worker: Worker;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly listener: Listener;
  /** Recognises the host names of this server; see `checkHost` for requests to other hosts. */
  readonly isOwnHost: OwnHosts;
  /** Checks the token of a request; without this check every client has full access. */
  readonly checkAccess?: AccessCheck;
  /** Checks the token of a request to the Clair v4 API, as `checkAccess` does for other requests. */
  readonly checkV4Access?: AccessCheck;
  /** Fetches layers from URLs that clients send, and enforces the host policy. */
  readonly http: HttpClient;
  /** Checks the hosts in URLs that clients send, by the same policy as `http`, but before the first request. */
  readonly hostGuard: Pick<HostGuard, 'check'>;
  /** The settings of the scanner adapter for Harbor. */
  readonly harbor: HarborSettings;
  readonly webhooks: WebhookSettings;
  /** The directories from which clients may submit layers by path. */
  readonly allowedPaths: readonly string[];
  /** Records the request for a layer, so that housekeeping keeps the layer longer. */
  readonly noteUse: (layer: Pick<Layer, 'id'>) => void;
  /** Creates the report of an image from its layers, base first. The suppression files of the instance apply. */
  readonly report: (image: ReportedImage, layers: readonly Layer[]) => Promise<Report>;
  /**
   * Returns the changes of an image since a time in milliseconds since 1970. The suppression files of the instance
   * apply.
   */
  readonly changes: (image: ReportableImage, since: number, signal: AbortSignal) => Promise<ChangesSince>;
  /**
   * Returns a digest of the report inputs that are not in the database; stored counts with a different digest are out
   * of date.
   */
  readonly basis: () => Promise<string>;
  /** The feeds that this version of Clair supports. */
  readonly knownFeeds: readonly KnownFeed[];
  /** The names of the feeds to update (`updater.feeds`); all known feeds by default. */
  readonly selectedFeeds?: readonly string[];
  /** The queue of submitted images. */
  readonly submissions: Pick<SubmissionQueue, 'submit' | 'upload' | 'submitDocument'>;
  /** Indexes the manifests that Clair v4 clients send. */
  readonly manifests: ManifestIndex;
  readonly v4: V4Options;
  /** Wakes the notifier of this instance, so that it checks for due notifications. */
  readonly wakeNotifier: () => void;
  /** The Clair version. */
  readonly version: string;
  readonly log: FastifyBaseLogger;
  /** The key of page tokens, which must be the same in all instances; see `page-tokens.ts`. */
  readonly pageTokenKey?: string;
  /** The time limit of a request in milliseconds; defaults to 15 minutes, and 0 means no limit. */
  readonly timeout?: number;
  /** The threads that compute long responses; when absent, the server thread computes long responses. */
  readonly answers?: AnswerPool;
  /** The context in which `store` uses the replica; absent without a replica. */
  readonly questions?: Questions | undefined;
};

/** The options of the Clair v4 API. */
export type V4Options = {
  /** The index state of an image whose packages were not checked. */
  readonly incomplete: IncompleteAnswer;
};

/** The options of the routes of all API families. */
export type RouteOptions = Omit<ApiOptions, 'pageTokenKey' | 'timeout' | 'answers' | 'questions'> & {
  readonly pages: PageTokens;
};

/** The options of routes marked `isLong`. */
export type ReadingOptions = Pick<
  RouteOptions,
  'store' | 'report' | 'changes' | 'basis' | 'pages' | 'noteUse' | 'harbor'
> & { readonly worker: Pick<Worker, 'engineVersion'> };
