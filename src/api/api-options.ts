import type { FastifyBaseLogger } from 'fastify';
import type { HttpClient } from '../bytes/http/client.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../health/metrics.ts';
import type { Tracing } from '../health/tracing.ts';
import type { Layer } from '../model/layer.ts';
import type { Report } from '../model/report/report.ts';
import type { KnownFeed } from '../model/report/feed-row.ts';
import type { ChangesSince } from '../report/changes/stored-changes.ts';
import type { ReportedImage } from '../report/image/image-report.ts';
import type { ReportableImage } from '../report/image/indexed-image.ts';
import type { SubmissionQueue } from '../worker/submissions/submission-queue.ts';
import type { Worker } from '../worker/worker.ts';
import type { AccessCheck } from './access/bearer-tokens.ts';
import type { OwnHosts } from './access/host-names.ts';
import type { Listener } from './access/listener.ts';
import type { PageTokens } from './page-tokens.ts';
import type { AnswerPool } from './threads/pooled-answer.ts';

/** The services that the API answers from, and its bounds. */
export type ApiOptions = {
  readonly store: Store;
  readonly worker: Worker;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly listener: Listener;
  /** Tells which names of hosts are those of this server; requests to others are refused. */
  readonly isOwnHost: OwnHosts;
  /** Says by its token what a request may do; without it everybody may do everything. */
  readonly checkAccess?: AccessCheck;
  /** Fetches the layers that clients name by URL; it has the policy for hosts. */
  readonly http: HttpClient;
  /** The directories below which clients may name layers by path. */
  readonly allowedPaths: readonly string[];
  /** Notes that a client asked for a layer, which is kept for longer then. */
  readonly noteUse: (layer: Pick<Layer, 'id'>) => void;
  /** Makes the report of an image whose layers are known, base first, with what the instance suppresses. */
  readonly report: (image: ReportedImage, layers: readonly Layer[]) => Promise<Report>;
  /** Tells what changed for an image since a time, in milliseconds since 1970, with what the instance suppresses. */
  readonly changes: (image: ReportableImage, since: number, signal: AbortSignal) => Promise<ChangesSince>;
  /** A digest of what reports depend on beside the database: stored counts with another digest are out of date. */
  readonly basis: () => Promise<string>;
  /** The feeds that this release has. */
  readonly knownFeeds: readonly KnownFeed[];
  /** Reads the images that clients submit. */
  readonly submissions: Pick<SubmissionQueue, 'submit' | 'upload'>;
  /** Lets the notifier of this instance look at once for what is due. */
  readonly wakeNotifier: () => void;
  /** The version of Clair. */
  readonly version: string;
  readonly log: FastifyBaseLogger;
  /** What the tokens of pages are sealed with, for all instances; see `page-tokens.ts`. */
  readonly pageTokenKey?: string;
  /** How long a request may take, in milliseconds; a quarter of an hour when absent, and any time with 0. */
  readonly timeout?: number;
  /** Answers what may take long; the thread of the server when absent. */
  readonly answers?: AnswerPool;
};

/** What the routes of every API family need. */
export type RouteOptions = Omit<ApiOptions, 'pageTokenKey' | 'timeout' | 'answers'> & {
  readonly pages: PageTokens;
};

/** What the routes need whose answers may take long. */
export type ReadingOptions = Pick<RouteOptions, 'store' | 'report' | 'changes' | 'basis' | 'pages' | 'noteUse'>;
