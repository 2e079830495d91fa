import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Store } from '../database/contracts/store.ts';
import { endOfDay } from '../model/time/day.ts';
import { freshUntil } from '../model/feed.ts';
import { tagOf } from './answer-encoding.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Marks a route whose responses depend only on the URL, the database, the age of the feeds, and the day. */
    readonly isCached?: boolean;
  }
}

export type ResponseCacheOptions = {
  readonly store: Pick<Store, 'version' | 'feeds'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** The maximum size of the cache. The response for a layer of 400 packages is about 300 KB. */
const MAX_CACHED_BYTES = 64 * 1024 * 1024;

/** The memory overhead of a cached response. */
const BYTES_PER_ANSWER = 1024;

const CACHED_HEADERS = ['content-type', 'clair-problems', 'etag'] as const;

type CachedResponse = { readonly epoch: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer };

/**
 * Caches the most recently used responses to GET requests of routes marked `isCached`. A new epoch starts when any
 * process writes to the database, when a feed becomes stale, and when a new day starts, because the support of a
 * release can end on any day. A response is valid only in the epoch in which its computation started.
 */
export function cacheResponses(server: FastifyInstance, { store, now }: ResponseCacheOptions): void {
  const kept = new LRUCache<string, CachedResponse>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ body }, address) => body.length + 2 * address.length + BYTES_PER_ANSWER,
  });
  const beginnings = new WeakMap<FastifyRequest, number>();
  let present = { epoch: 0, version: Number.NaN, end: 0 };

  async function currentEpoch(): Promise<number> {
    const version = await store.version();
    if (version !== present.version || now() > present.end) {
      const ends = (await store.feeds.all()).map(freshUntil).filter((end) => end >= now());
      present = { epoch: present.epoch + 1, version, end: Math.min(...ends, endOfDay(now())) };
      kept.clear();
    }
    return present.epoch;
  }

  server.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'GET' || request.routeOptions.config.isCached !== true) return;
    const epoch = await currentEpoch();
    const answer = kept.get(request.url);
    if (answer?.epoch === epoch) return reply.headers(answer.headers).send(answer.body);
    beginnings.set(request, epoch);
  });

  server.addHook('onSend', async (request, reply, payload) => {
    const epoch = beginnings.get(request);
    if (epoch === undefined || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    reply.header('etag', tagOf(payload));
    const headers = Object.fromEntries(
      CACHED_HEADERS.map((name) => [name, reply.getHeader(name)]).filter(([, value]) => value !== undefined),
    );
    const body = Buffer.from(payload);
    kept.set(request.url, { epoch, headers, body });
    return body;
  });
}
