import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { PlacedImage } from '../../database/known-images.ts';
import type { Store } from '../../database/store.ts';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { type ImageSummary, imageSummary } from '../../report/image-summary.ts';
import { type ReportableImage, reportableImage } from '../../report/known-image.ts';
import type { ReadingOptions } from '../threads/reading-routes.ts';
import { pagePosition } from '../page-position.ts';
import { whileWaitedFor } from '../request-life.ts';
import { IMAGE, IMAGE_DIGEST, IMAGE_WITH_HISTORY, LIST_QUERY, NEXT_PAGE, pageSize } from './shapes.ts';

/** How many images one request looks through for those that it searches, and how many of them at a time. */
const MAX_SEARCHED = 20_000;
const SEARCHED_AT_ONCE = 500;

/** How many other images of the same reference are told, those that were scanned last. */
const MAX_HISTORY = 100;

const ONE = Type.Object({ digest: IMAGE_DIGEST });

const QUERY = Type.Object({
  ...LIST_QUERY,
  search: Type.Optional(
    Type.String({ maxLength: 256, description: 'a part of the reference, in any case of letters' }),
  ),
});

const PAGE_OF_IMAGES = Type.Object({ images: Type.Array(IMAGE), nextPage: NEXT_PAGE });

/** What the token of a next page holds. */
const POSITION = Type.Object({
  list: Type.Literal('images'),
  search: Type.String(),
  scannedAt: Type.Integer(),
  id: Type.Integer(),
});

/** `GET /images`, and `GET` and `DELETE /images/:digest` */
export function imageRoutes(server: FastifyInstance, { store, report, pages }: ReadingOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/images',
    {
      schema: { querystring: QUERY },
      config: {
        isLong: true,
        described: {
          generation: 'v2',
          summary: 'The images that are known, those that were scanned last first.',
          answers: { 200: PAGE_OF_IMAGES },
          errors: [400],
        },
      },
    },
    async ({ query }, reply) => {
      const signal = whileWaitedFor(reply);
      const search = query.search?.toLowerCase() ?? '';
      const after = pagePosition(pages, query.page, POSITION);
      if (after !== undefined && after.search !== search) {
        throw new ClairError('request/page-invalid', 'the page token is one of another search');
      }
      const { images, next } = await imagesFrom(store, { after, search, limit: pageSize(query.limit) });
      const summaries: ImageSummary[] = [];
      for (const { digest } of images) {
        signal.throwIfAborted();
        // One that was deleted since is left out.
        const found = await reportableImage(store, digest);
        if (found !== undefined) summaries.push(await summarize(found));
      }
      const position = next && { list: 'images', search, scannedAt: next.scannedAt, id: next.id };
      return { images: summaries, nextPage: position === undefined ? null : pages.seal(position) };
    },
  );

  server.get<{ Params: Type.Static<typeof ONE> }>(
    '/images/:digest',
    {
      schema: { params: ONE },
      config: {
        isLong: true,
        described: {
          generation: 'v2',
          summary: 'An image in numbers, and the other ones of the same reference.',
          answers: { 200: IMAGE_WITH_HISTORY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }) => {
      const found = await imageOfDigest(store, digest);
      // One more: itself is among them.
      const builds = await store.images.ofReference(found.known.reference, MAX_HISTORY + 1);
      const others = builds.filter((each) => each.digest !== digest).slice(0, MAX_HISTORY);
      return {
        ...(await summarize(found)),
        history: others.map((each) => ({
          digest: each.digest,
          platform: each.platform,
          scannedAt: new Date(each.scannedAt).toISOString(),
        })),
      };
    },
  );

  server.delete<{ Params: Type.Static<typeof ONE> }>(
    '/images/:digest',
    {
      schema: { params: ONE },
      config: {
        described: {
          generation: 'v2',
          summary: 'Forget an image; its layers stay until housekeeping finds them unused.',
          answers: { 204: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }, reply) => {
      if (!isDigest(digest) || !(await store.images.remove(digest))) throw unknownImage(digest);
      return await reply.status(204).send();
    },
  );

  async function summarize({ known, image, layers }: ReportableImage): Promise<ImageSummary> {
    return imageSummary(known, await report(image, layers));
  }
}

/** Finds an image of the store. @throws ClairError `image/unknown` */
export async function imageOfDigest(store: Pick<Store, 'images' | 'layers'>, digest: string): Promise<ReportableImage> {
  const found = isDigest(digest) ? await reportableImage(store, digest) : undefined;
  if (found === undefined) throw unknownImage(digest);
  return found;
}

function unknownImage(digest: string): ClairError {
  return new ClairError('image/unknown', `there is no image ${digest}`);
}

type ImageSearch = {
  readonly after: Pick<PlacedImage, 'scannedAt' | 'id'> | undefined;
  /** In lower case; empty for all. */
  readonly search: string;
  readonly limit: number;
};

/** A page of images, and the last one that was looked at when there may be more. */
async function imagesFrom(
  { images }: Pick<Store, 'images'>,
  { after, search, limit }: ImageSearch,
): Promise<{
  readonly images: readonly PlacedImage[];
  readonly next: Pick<PlacedImage, 'scannedAt' | 'id'> | undefined;
}> {
  const found: PlacedImage[] = [];
  const size = search === '' ? limit + 1 : SEARCHED_AT_ONCE;
  let last = after;
  for (let searched = 0; searched < MAX_SEARCHED; searched += size) {
    const page = await images.latest({ after: last, limit: size });
    for (const image of page) {
      if (!image.reference.toLowerCase().includes(search)) continue;
      if (found.length === limit) return { images: found, next: found.at(-1) };
      found.push(image);
    }
    if (page.length < size) return { images: found, next: undefined };
    last = page.at(-1);
  }
  return { images: found, next: last };
}
