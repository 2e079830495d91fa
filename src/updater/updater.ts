import { randomUUID } from 'node:crypto';
import type { HttpClient } from '../bytes/http-client.ts';
import { createAdvisoryOrder } from '../database/advisory-order.ts';
import type { SourceUpdate, Store, UpdateCounts } from '../database/store.ts';
import { ClairError } from '../errors.ts';
import type { SourceState } from '../model/source.ts';
import type { FetchContext, Fetcher, FetchOutcome } from './fetchers/fetcher.ts';

/** How long an update may stay silent before others may take its place; it renews its lock much more often. */
const LOCK_TTL_MS = 60_000;

export type UpdaterOptions = {
  readonly store: Store;
  readonly fetchers: readonly Fetcher[];
  readonly http: Pick<HttpClient, 'get'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

export type Updater = {
  readonly sources: readonly string[];
  /**
   * Brings one source up to date: all of what it says now is stored, or nothing and the old data stays.
   *
   * @throws ClairError `source/unknown`, `update/locked`, `bytes/…` or `feed/…`; a failed attempt is noted in the
   * state of the source.
   */
  readonly update: (source: string, options?: UpdateOptions) => Promise<UpdateResult>;
};

export type UpdateOptions = {
  /** A local file to read instead of the upstream address. */
  readonly from?: string;
  readonly signal?: AbortSignal;
};

export type UpdateResult =
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'updated'; readonly counts: UpdateCounts; readonly unclear: SourceState['unclear'] };

export function createUpdater({ store, fetchers, http, now }: UpdaterOptions): Updater {
  const owner = randomUUID();

  async function update(fetcher: Fetcher, options: UpdateOptions): Promise<UpdateResult> {
    const outcome = await fetcher.fetch(await contextFor(fetcher, options));
    if (outcome.kind === 'not-modified') {
      await store.sources.recordUnchanged(fetcher.id, now());
      return outcome;
    }
    return await apply(fetcher, outcome, options.signal);
  }

  /** Upstream is only asked whether something changed when what is stored came from there through this fetcher. */
  async function contextFor(fetcher: Fetcher, { from, signal }: UpdateOptions): Promise<FetchContext> {
    const context = { http, ...(from !== undefined && { from }), ...(signal !== undefined && { signal }) };
    const state = await store.sources.find(fetcher.id);
    if (state?.fetcherVersion !== fetcher.version || (state.etag === null && state.lastModified === null))
      return context;
    const etag = state.etag === null ? {} : { etag: state.etag };
    const lastModified = state.lastModified === null ? {} : { lastModified: state.lastModified };
    return { ...context, validators: { ...etag, ...lastModified } };
  }

  async function apply(
    fetcher: Fetcher,
    { advisories, unclear, validators }: Extract<FetchOutcome, { kind: 'advisories' }>,
    signal: AbortSignal | undefined,
  ): Promise<UpdateResult> {
    const order = createAdvisoryOrder();
    try {
      for await (const part of advisories) {
        signal?.throwIfAborted();
        order.add(part);
      }
      const change: SourceUpdate = {
        source: fetcher.id,
        scheme: fetcher.scheme,
        fetcherVersion: fetcher.version,
        advisories: order.advisories(),
        etag: validators.etag ?? null,
        lastModified: validators.lastModified ?? null,
        unclear,
        at: now(),
      };
      return { kind: 'updated', counts: await store.vulnerabilities.update(change), unclear };
    } finally {
      order.close();
    }
  }

  return {
    sources: fetchers.map(({ id }) => id),
    async update(source, options = {}) {
      const fetcher = fetchers.find(({ id }) => id === source);
      if (fetcher === undefined) {
        const known = fetchers.map(({ id }) => id).join(', ');
        throw new ClairError('source/unknown', `there is no source "${source}"; there are: ${known}`);
      }
      const lock = `update:${source}`;
      const acquire = (): Promise<boolean> => store.locks.acquire(lock, owner, now(), LOCK_TTL_MS);
      if (!(await acquire())) throw new ClairError('update/locked', `another process is updating ${source}`);
      const renewal = setInterval(() => void acquire().catch(() => undefined), LOCK_TTL_MS / 4).unref();
      try {
        return await update(fetcher, options);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        await store.sources.recordFailure(source, now(), reason);
        throw error;
      } finally {
        clearInterval(renewal);
        await store.locks.release(lock, owner);
      }
    },
  };
}
