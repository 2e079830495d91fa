import { join } from 'node:path';
import type { HttpClient } from '../bytes/http/client.ts';
import { createAdvisoryOrder } from '../database/queries/vulnerabilities/advisory-order.ts';
import type { FeedUpdate } from '../database/contracts/vulnerabilities.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { DEFAULT_SHRINK_BOUND, type ShrinkBound } from '../model/shrink-bound.ts';
import { readItems } from './advisories/grouped-items.ts';
import { withoutLongNames } from './advisories/long-names.ts';
import type { Enricher } from './enrichers/enricher.ts';
import type { UpdateResult } from './update-result.ts';
import { updateEnrichments } from './enrichment-update.ts';
import type { FetchContext, Fetcher, FetchOutcome } from './feed/fetcher.ts';
import type { Lease } from '../database/queries/lease.ts';
import { withFeedLock } from './feed-lock.ts';
import { createProgressCounter, type ProgressCounter, type UpdateProgress } from './update-progress.ts';

export type UpdaterOptions = {
  readonly store: Store;
  readonly fetchers: readonly Fetcher[];
  readonly enrichers?: readonly Enricher[];
  readonly http: Pick<HttpClient, 'get'>;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  readonly settings?: UpdaterSettings;
};

export type UpdaterSettings = {
  /** Whether the updater reads only files and never uses the network. */
  readonly offline?: boolean;
  /** The addresses (`http:`, `https:` or `file:`) that replace upstream addresses, by feed name. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** The ecosystems that the feed `osv` reads; all known ecosystems when absent. */
  readonly ecosystems?: readonly string[];
  /**
   * The age of the last update, in milliseconds, at which a feed becomes stale. A successful update stores this age
   * with the feed.
   */
  readonly staleAfter?: number;
  /** The maximum loss of stored data before an update is refused; {@link DEFAULT_SHRINK_BOUND} when absent. */
  readonly maxShrink?: ShrinkBound;
  /** A directory with a cache directory per feed. */
  readonly cache?: string;
  /** The minimum download rate in bytes per second; 0 for no minimum. The default is the rate of the HTTP client. */
  readonly minimumRate?: number;
};

export type Updater = {
  readonly feeds: readonly string[];
  /** Returns the feeds for the distribution of a namespace, even if they have no data for the release. */
  readonly feedsOf: (namespace: string) => readonly string[];
  /** The enrichment feeds: CVSS, EPSS and KEV. */
  readonly enrichers: readonly string[];
  /**
   * Updates a feed. Stores all new data of the feed, or keeps all old data.
   *
   * @throws ClairError `feed/unknown`, `update/locked`, `update/offline`, `bytes/…` or `feed/…`. A failed attempt is
   * recorded in the state of the feed; for `feed/shrunk`, the refusal of the data is recorded as well.
   * `database/lease-lost` if another process has taken over the update; the other process records the outcome.
   */
  readonly update: (feed: string, options?: UpdateOptions) => Promise<UpdateResult>;
};

export type UpdateOptions = {
  /** A local file, directory or archive instead of the upstream address. */
  readonly from?: string;
  /** Whether to accept a feed that shrank by more than the limit. */
  readonly allowShrink?: boolean;
  /** Whether to read the whole feed, and to remove stored data of ecosystems that the update does not contain. */
  readonly prune?: boolean;
  /** Called for every step, possibly very often. */
  readonly progress?: (progress: UpdateProgress) => void;
  readonly signal?: AbortSignal;
};

type Held = {
  readonly store: Store;
  readonly counter: ProgressCounter;
  readonly bound: { readonly maxShrink?: ShrinkBound };
};

type HeldByAdvisories = Held & { readonly prunes: boolean };

/** Creates the updater of the feeds of these fetchers and enrichers. */
export function createUpdater({ store, fetchers, enrichers = [], http, now, settings = {} }: UpdaterOptions): Updater {
  async function update(
    feed: Fetcher | Enricher,
    { signal: stop, ...options }: UpdateOptions,
    { store: held, signal: lost }: Lease,
  ): Promise<UpdateResult> {
    const signal = stop === undefined ? lost : AbortSignal.any([stop, lost]);
    const counter = createProgressCounter(options.progress ?? (() => undefined));
    const context = await contextFor(feed, { ...options, signal }, counter);
    const { maxShrink = DEFAULT_SHRINK_BOUND } = settings;
    const bound = options.allowShrink === true ? {} : { maxShrink };
    const prunes = options.prune === true;
    return 'scheme' in feed
      ? await updateAdvisories(feed, context, { store: held, counter, bound, prunes })
      : await updateEnrichments(feed, context, { store: held, counter, bound, now });
  }

  async function updateAdvisories(
    fetcher: Fetcher,
    context: FetchContext,
    held: HeldByAdvisories,
  ): Promise<UpdateResult> {
    const outcome = await fetcher.fetch(context);
    if (outcome.kind === 'not-modified') {
      await held.store.feeds.recordUnchanged(fetcher.id, now());
      return outcome;
    }
    return await apply(fetcher, outcome, held, context.signal);
  }

  /**
   * Returns the context of a fetch. Contains validators only if the stored data came from upstream through this version
   * of the fetcher.
   */
  async function contextFor(
    { id, version, url }: Fetcher | Enricher,
    { from, prune, signal }: UpdateOptions,
    counter: ProgressCounter,
  ): Promise<FetchContext> {
    const address = settings.addresses?.[id];
    if (settings.offline === true && from === undefined && address?.startsWith('file:') !== true) {
      throw new ClairError(
        'update/offline',
        `${id} is published at ${address ?? url}, but updater.offline forbids network access`,
      );
    }
    const context: FetchContext = {
      http: counter.http(http),
      ...(address !== undefined && { url: address }),
      ...(from !== undefined && { from }),
      ...(settings.ecosystems !== undefined && { ecosystems: settings.ecosystems }),
      ...(settings.cache !== undefined && { cache: join(settings.cache, id) }),
      ...(signal !== undefined && { signal }),
    };
    if (prune === true) return context;
    const state = await store.feeds.find(id);
    if (state?.fetcherVersion !== version || (state.etag === null && state.lastModified === null)) return context;
    const etag = state.etag === null ? {} : { etag: state.etag };
    const lastModified = state.lastModified === null ? {} : { lastModified: state.lastModified };
    return { ...context, validators: { ...etag, ...lastModified } };
  }

  async function apply(
    fetcher: Fetcher,
    {
      advisories,
      scope,
      gone,
      within,
      repositories,
      recordDiagnostics,
      validators,
    }: Extract<FetchOutcome, { kind: 'advisories' }>,
    { store: held, counter, bound, prunes }: HeldByAdvisories,
    signal: AbortSignal | undefined,
  ): Promise<UpdateResult> {
    const order = createAdvisoryOrder();
    try {
      await readItems(advisories, (part) => {
        signal?.throwIfAborted();
        order.add(withoutLongNames(part, recordDiagnostics));
        counter.read();
      });
      const change: FeedUpdate = {
        feed: fetcher.id,
        scheme: fetcher.scheme,
        fetcherVersion: fetcher.version,
        advisories: counter.storing(order.advisories()),
        ...(scope !== undefined && { scope }),
        ...(gone !== undefined && { gone }),
        ...(within !== undefined && !prunes && { within }),
        ...(repositories !== undefined && { repositories }),
        etag: validators.etag ?? null,
        lastModified: validators.lastModified ?? null,
        recordDiagnostics,
        at: now(),
        ...bound,
      };
      return { kind: 'updated', counts: await held.vulnerabilities.update(change), recordDiagnostics };
    } finally {
      order.close();
    }
  }

  const feeds: readonly (Fetcher | Enricher)[] = [...fetchers, ...enrichers];
  return {
    feeds: feeds.map(({ id }) => id),
    enrichers: enrichers.map(({ id }) => id),
    feedsOf(namespace) {
      const [distribution = ''] = namespace.split(':');
      return fetchers.filter(({ distributions }) => distributions.includes(distribution)).map(({ id }) => id);
    },
    async update(feed, options = {}) {
      const fetcher = feeds.find(({ id }) => id === feed);
      if (fetcher === undefined) {
        const known = feeds.map(({ id }) => id).join(', ');
        throw new ClairError('feed/unknown', `unknown feed "${feed}"; use one of: ${known}`);
      }
      return await withFeedLock(feed, store, async (lease) => {
        try {
          const result = await update(fetcher, options, lease);
          await store.feeds.setStaleAfter(feed, settings.staleAfter ?? null);
          return result;
        } catch (error) {
          // If another process now holds the lease, that process records the outcome.
          lease.signal.throwIfAborted();
          // Do not record an aborted update as failed.
          if (options.signal?.aborted === true) throw error;
          const reason = error instanceof Error ? error.message : String(error);
          const isRefused = error instanceof ClairError && error.code === 'feed/shrunk';
          await lease.store.feeds.recordFailure(feed, now(), reason, { isRefused });
          throw error;
        }
      });
    },
  };
}
