import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { FEED_GAPS, IMAGE_ORDERS, type ImageFilters } from '../../database/contracts/image-counts.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { parseSeverity, SEVERITIES } from '../../model/severity.ts';
import { imageSummary, type ImageSummary, listedSummary, readCountState } from '../../report/image/image-summary.ts';
import { type ReportableImage, reportableImage } from '../../report/image/indexed-image.ts';
import type { ReadingOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { textOf } from '../request-shape.ts';
import { IMAGE, IMAGE_DIGEST, IMAGE_WITH_HISTORY, listQuery, NEXT_PAGE, pageSize } from './shapes.ts';

/**
 * The maximum number of images on a page. A page of this size is about 1 MB, and a long list needs only a few requests.
 */
const MAX_IMAGES = 1000;

/** The maximum number of images that a request searches for a page. */
const MAX_LOOKED = 20_000;

/** The maximum number of images that a request searches to compute `X-Total-Count`. */
const MAX_COUNTED = 100_000;

/** The maximum number of other images with the same reference, most recently scanned first. */
const MAX_HISTORY = 100;

const ONE = Type.Object({ digest: IMAGE_DIGEST });

const ONLY = (what: string): Type.TOptional<Type.TString> =>
  Type.Optional(Type.String({ ...textOf('^true$', 'true'), description: `\`true\`: only images ${what}` }));

const QUERY = Type.Object({
  ...listQuery(MAX_IMAGES),
  search: Type.Optional(
    Type.String({
      maxLength: 256,
      description: 'part of the reference, case-insensitive for ASCII letters, at most 256 characters',
    }),
  ),
  sort: Type.Optional(
    Type.String({
      ...textOf(`^(${IMAGE_ORDERS.join('|')})$`, `${IMAGE_ORDERS.slice(0, -1).join(', ')} or ${IMAGE_ORDERS.at(-1)}`),
      description:
        'scannedAt (most recently scanned first, default), severity (most KEV findings, then most findings of the worst severity), findings (most first) or reference (A to Z)',
    }),
  ),
  severity: Type.Optional(
    Type.String({
      ...textOf(`^(${SEVERITIES.join('|')})$`, `a severity (${SEVERITIES.join(', ')})`),
      description: `only images with a finding of this severity or above: ${SEVERITIES.join(', ')}`,
    }),
  ),
  distribution: Type.Optional(
    Type.String({ maxLength: 256, description: 'namespace such as debian:12, at most 256 characters' }),
  ),
  reference: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'lookup by tag: only images with exactly this `reference`, at most 512 characters',
    }),
  ),
  fixable: ONLY('with a finding that has a fixed version'),
  fixableHigh: ONLY('with a finding of High or above that has a fixed version'),
  exploited: ONLY('with a finding whose CVE is in KEV'),
  incomplete: ONLY('with an incomplete report or without counts'),
  feeds: Type.Optional(
    Type.String({
      ...textOf(`^(${FEED_GAPS.join('|')})$`, FEED_GAPS.join(' or ')),
      description:
        'stale: only images with a feed whose data is stale or whose update was refused; missing: only images with a release that no feed covers or whose feed was never imported',
    }),
  ),
});

const PAGE_OF_IMAGES = Type.Object({
  images: Type.Array(IMAGE),
  nextPage: NEXT_PAGE,
  isCurrent: Type.Boolean({
    description: 'false if any indexed image has no counts, or counts that may be out of date',
  }),
});

const POSITION = Type.Object({
  list: Type.Literal('images'),
  /** The sort order and the filters, as JSON. */
  of: Type.String(),
  after: Type.Array(Type.Union([Type.String(), Type.Integer()])),
});

/** Registers `GET /images`, `GET /images/:digest` and `DELETE /images/:digest`. */
export function imageRoutes(server: FastifyInstance, { store, report, basis, pages }: ReadingOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/images',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List indexed images, sorted and filtered by their stored counts.',
          description:
            'A background job counts the findings of each image. The job starts within a second after the database changes, and processes images without counts first, then the most recently scanned images. Counts become out of date when a feed, a manual vulnerability, an enrichment, an ignore rule, a suppression file or Clair itself changes. They also become out of date when a feed becomes stale, a distribution reaches its end of life, or an ignore rule expires. Filters use the stored counts, so they can miss images while `isCurrent` is false. Images without counts sort last by `severity` and `findings`, and only the filters `incomplete`, `distribution`, `search` and `reference` can match them. A request searches at most 20,000 images: follow `nextPage` even if a page is short or empty. A page token is valid only with the same sort order and filters. The header `X-Total-Count` is the number of matching images; it is absent if more than 100,000 images would have to be searched. The header `Link` contains the URL of the next page (`rel="next"`), as in all lists.',
          answers: { 200: PAGE_OF_IMAGES },
          errors: [400],
        },
      },
    },
    async ({ query }, reply) => {
      const order = IMAGE_ORDERS.find((each) => each === query.sort) ?? 'scannedAt';
      const filters = filtersOf(query);
      const of = JSON.stringify([order, filters]);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.of !== of) {
        throw new ClairError('request/page-invalid', 'the page token belongs to another sort order or filter');
      }
      const state = await readCountState(store, basis);
      const limit = pageSize(query.limit, MAX_IMAGES);
      const { images, next } = await store.counts.list({
        order,
        filters,
        after: position?.after,
        limit,
        maxLooked: MAX_LOOKED,
      });
      const total = await store.counts.total(filters, MAX_COUNTED);
      if (total !== undefined) reply.header('x-total-count', total);
      const now = store.now();
      return {
        images: images.map((image) => listedSummary(image, { ...state, now })),
        nextPage: next === undefined ? null : pages.seal({ list: 'images', of, after: next }),
        isCurrent: state.areCurrent(now),
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
          summary: 'Return an image with current counts, and the other images with the same reference.',
          answers: { 200: IMAGE_WITH_HISTORY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }) => {
      const found = await imageOfDigest(store, digest);
      // The query reads one image more than the maximum, because the result includes the image itself.
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
          summary: 'Delete an image. Housekeeping later removes the layers that no image uses (`housekeeping.layers`).',
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

/** Returns an indexed image. @throws ClairError `image/unknown` */
export async function imageOfDigest(store: Pick<Store, 'images' | 'layers'>, digest: string): Promise<ReportableImage> {
  const found = isDigest(digest) ? await reportableImage(store, digest) : undefined;
  if (found === undefined) throw unknownImage(digest);
  return found;
}

/** Returns the error for an image that is not indexed; the message names the digest or reference. */
export function unknownImage(name: string): ClairError {
  return new ClairError('image/unknown', `image ${name} not found`);
}

/** Returns the filters in a fixed order, so that equal filters have equal JSON. */
function filtersOf(query: Type.Static<typeof QUERY>): ImageFilters {
  const { search = '', severity = '', distribution = '', reference } = query;
  const least = parseSeverity(severity);
  const feeds = FEED_GAPS.find((gap) => gap === query.feeds);
  return {
    ...(search !== '' && { search }),
    ...(least !== undefined && { severity: least }),
    ...(distribution !== '' && { distribution }),
    ...(reference !== undefined && { reference }),
    ...(query.fixable !== undefined && { fixable: true }),
    ...(query.fixableHigh !== undefined && { fixableHigh: true }),
    ...(query.exploited !== undefined && { exploited: true }),
    ...(query.incomplete !== undefined && { incomplete: true }),
    ...(feeds !== undefined && { feeds }),
  };
}
