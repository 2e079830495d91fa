import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { IMAGE_ORDERS, type ImageFilters, isCurrentMark } from '../../database/contracts/image-counts.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { parseSeverity, SEVERITIES } from '../../model/severity.ts';
import { imageSummary, type ImageSummary, listedSummary } from '../../report/image/image-summary.ts';
import { type ReportableImage, reportableImage } from '../../report/image/indexed-image.ts';
import type { ReadingOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { textOf } from '../request-shape.ts';
import { IMAGE, IMAGE_DIGEST, IMAGE_WITH_HISTORY, LIST_QUERY, NEXT_PAGE, pageSize } from './shapes.ts';

/** How many images one request looks through for those that it filters. */
const MAX_LOOKED = 20_000;

/** How many other images of the same reference are told, those that were scanned last. */
const MAX_HISTORY = 100;

const ONE = Type.Object({ digest: IMAGE_DIGEST });

/** A filter that is set or absent. */
const ONLY = (what: string): Type.TOptional<Type.TString> =>
  Type.Optional(Type.String({ ...textOf('^true$', 'true'), description: what }));

const QUERY = Type.Object({
  ...LIST_QUERY,
  search: Type.Optional(
    Type.String({ maxLength: 256, description: 'a part of the reference, in any case of the letters a to z' }),
  ),
  sort: Type.Optional(
    Type.String({
      ...textOf(`^(${IMAGE_ORDERS.join('|')})$`, `${IMAGE_ORDERS.slice(0, -1).join(', ')} or ${IMAGE_ORDERS.at(-1)}`),
      description: `${IMAGE_ORDERS.join(', ')}; scannedAt when it is absent`,
    }),
  ),
  severity: Type.Optional(
    Type.String({
      ...textOf(`^(${SEVERITIES.join('|')})$`, `a severity (${SEVERITIES.join(', ')})`),
      description: 'with a finding of this severity or above',
    }),
  ),
  distribution: Type.Optional(Type.String({ maxLength: 256, description: 'the namespace, such as debian:12' })),
  fixable: ONLY('`true`: with a finding that has a fixed version'),
  exploited: ONLY('`true`: with a finding that is known to be exploited'),
  incomplete: ONLY('`true`: with an incomplete report, or without counts'),
});

const PAGE_OF_IMAGES = Type.Object({ images: Type.Array(IMAGE), nextPage: NEXT_PAGE, isCurrent: Type.Boolean() });

/** What the token of a next page holds. */
const POSITION = Type.Object({
  list: Type.Literal('images'),
  /** The order and the filters, as JSON. */
  of: Type.String(),
  after: Type.Array(Type.Union([Type.String(), Type.Integer()])),
});

/** `GET /images`, and `GET` and `DELETE /images/:digest` */
export function imageRoutes(server: FastifyInstance, { store, report, basis, pages }: ReadingOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/images',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'The images that are known, sorted and filtered by their stored counts.',
          answers: { 200: PAGE_OF_IMAGES },
          errors: [400],
        },
      },
    },
    async ({ query }) => {
      const order = IMAGE_ORDERS.find((each) => each === query.sort) ?? 'scannedAt';
      const filters = filtersOf(query);
      const of = JSON.stringify([order, filters]);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.of !== of) {
        throw new ClairError('request/page-invalid', 'the page token belongs to another order, search or filter');
      }
      // Asked before the images: counts that become current meanwhile are shown as out of date, and never the other way round.
      const before = { basis: await basis(), revisions: await store.counts.revisions() };
      const [waiting, whole] = [await store.counts.notCounted(1), await store.counts.whole()];
      const limit = pageSize(query.limit);
      const { images, next } = await store.counts.list({
        order,
        filters,
        after: position?.after,
        limit,
        maxLooked: MAX_LOOKED,
      });
      const present = { ...before, now: store.now() };
      return {
        images: images.map((image) => listedSummary(image, present)),
        nextPage: next === undefined ? null : pages.seal({ list: 'images', of, after: next }),
        // Of all images: one that is left out may have findings that its counts do not have yet.
        isCurrent: waiting.length === 0 && isCurrentMark(whole, present),
      };
    },
  );

  server.get<{ Params: Type.Static<typeof ONE> }>(
    '/images/:digest',
    {
      schema: { params: ONE },
      config: {
        isLong: true,
        described: {
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

/** Each in its one place, so that equal filters are equal texts. */
function filtersOf(query: Type.Static<typeof QUERY>): ImageFilters {
  const { search = '', severity = '', distribution = '' } = query;
  const least = parseSeverity(severity);
  return {
    ...(search !== '' && { search }),
    ...(least !== undefined && { severity: least }),
    ...(distribution !== '' && { distribution }),
    ...(query.fixable !== undefined && { fixable: true }),
    ...(query.exploited !== undefined && { exploited: true }),
    ...(query.incomplete !== undefined && { incomplete: true }),
  };
}
