import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Store } from '../database/contracts/store.ts';
import { freshUntil } from '../model/feed.ts';
import { tagOf } from './answer-encoding.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route whose answers hang on nothing but its address, the database, and how old the data of feeds is. */
    readonly isKept?: boolean;
  }
}

export type KeptAnswersOptions = {
  readonly store: Pick<Store, 'version' | 'feeds'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** The answer for a layer of 400 packages has some 300 KB. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** What an answer takes beside its body and address. */
const BYTES_PER_ANSWER = 1024;

const KEPT_HEADERS = ['content-type', 'clair-problems', 'etag'] as const;

type KeptAnswer = { readonly epoch: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer };

/**
 * Keeps what the routes marked `isKept` answer to GET, those that were asked for last, and gives it again as long as
 * nothing was written to the database, by whoever, and no feed has become too old: each of them begins another epoch,
 * and an answer is only good in the epoch that had begun before it was made.
 */
export function keepAnswers(server: FastifyInstance, { store, now }: KeptAnswersOptions): void {
  const kept = new LRUCache<string, KeptAnswer>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ body }, address) => body.length + 2 * address.length + BYTES_PER_ANSWER,
  });
  const beginnings = new WeakMap<FastifyRequest, number>();
  let present = { epoch: 0, version: Number.NaN, end: 0 };

  async function currentEpoch(): Promise<number> {
    const version = await store.version();
    if (version !== present.version || now() > present.end) {
      const ends = (await store.feeds.all()).map(freshUntil).filter((end) => end >= now());
      present = { epoch: present.epoch + 1, version, end: Math.min(...ends) };
      // None of them can be given any more.
      kept.clear();
    }
    return present.epoch;
  }

  server.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'GET' || request.routeOptions.config.isKept !== true) return;
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
      KEPT_HEADERS.map((name) => [name, reply.getHeader(name)]).filter(([, value]) => value !== undefined),
    );
    const body = Buffer.from(payload);
    kept.set(request.url, { epoch, headers, body });
    return body;
  });
}
