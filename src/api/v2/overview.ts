import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isCurrentMark, type NamespaceImages } from '../../database/contracts/image-counts.ts';
import { dayText } from '../../model/time/day.ts';
import { type FeedRow, feedRows } from '../../model/report/feed-row.ts';
import { supportOf } from '../../model/releases/support/release-support.ts';
import { listedSummary } from '../../report/image/image-summary.ts';
import type { RouteOptions } from '../api-options.ts';
import { IMAGE, TIME } from './shapes.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The maximum number of images in `worst`. */
const WORST_IMAGES = 5;

const FEED_STATE = Type.Object({
  name: Type.String(),
  state: Type.String({ description: 'as in `GET /v2/feeds`' }),
  ageSeconds: Type.Union([Type.Integer(), Type.Null()]),
});

const OVERVIEW = Type.Object(
  {
    images: Type.Object(
      {
        total: Type.Integer(),
        exploited: Type.Integer({ description: 'images with a finding whose CVE is in KEV' }),
        fixableHigh: Type.Integer({ description: 'images with a finding of High or above that has a fixed version' }),
        incomplete: Type.Integer({ description: 'images with an incomplete report, or without counts' }),
        waiting: Type.Integer({ description: 'images that have not been counted yet' }),
      },
      { title: 'ImageNumbers' },
    ),
    isCurrent: Type.Boolean({ description: 'false if an image has no counts, or counts that may be out of date' }),
    worst: Type.Array(IMAGE, {
      description: `the ${WORST_IMAGES} images with the most KEV findings, then the most findings of the worst severity; images without findings are left out`,
    }),
    endOfLife: Type.Array(
      Type.Object(
        {
          namespace: Type.String({ description: 'such as debian:9' }),
          endedOn: Type.String({ description: 'last day of support, YYYY-MM-DD' }),
          images: Type.Integer(),
        },
        { title: 'EndedRelease' },
      ),
      { description: 'releases past their end of life that indexed images use, most images first' },
    ),
    feeds: Type.Object(
      {
        fresh: Type.Integer(),
        failing: Type.Array(FEED_STATE, {
          description: 'feeds that are stale, refused or failed, including feeds whose first import failed',
        }),
        neverUpdated: Type.Integer({
          description: 'feeds to update (`updater.feeds`) that Clair has never tried to update',
        }),
        enrichments: Type.Array(FEED_STATE, { description: 'the NVD, EPSS and KEV feeds in any state' }),
      },
      { title: 'FeedNumbers' },
    ),
    week: Type.Object(
      {
        since: TIME,
        scanned: Type.Integer({ description: 'images whose last scan was in the last 7 days' }),
        advisories: Type.Object(
          { added: Type.Integer(), changed: Type.Integer(), withdrawn: Type.Integer() },
          { description: 'advisory changes, excluding the first import of each feed' },
        ),
        isWhole: Type.Boolean({
          description: 'false if older changes may be missing: only the latest 20,000 changes are counted',
        }),
      },
      { title: 'Week' },
    ),
  },
  { title: 'Overview' },
);

/** Registers `GET /overview`. */
export function overviewRoute(
  server: FastifyInstance,
  { store, basis, knownFeeds, selectedFeeds }: RouteOptions,
): void {
  const isSelected = (feed: string): boolean => selectedFeeds === undefined || selectedFeeds.includes(feed);
  server.get(
    '/overview',
    {
      config: {
        described: {
          summary: 'Return a summary of images, feeds and recent changes.',
          description: 'The numbers of images come from the stored counts, as in `GET /v2/images`.',
          answers: { 200: OVERVIEW },
          errors: [],
        },
      },
    },
    async () => {
      // Read the revisions before the counts, so that outdated counts never look current.
      const before = { basis: await basis(), revisions: await store.counts.revisions() };
      const whole = await store.counts.whole();
      const now = store.now();
      const since = now - WEEK_MS;
      const { namespaces, scannedSince } = await store.counts.overview(since);
      const worst = await store.counts.list({
        order: 'severity',
        filters: { severity: 'Unknown' },
        after: undefined,
        limit: WORST_IMAGES,
        maxLooked: WORST_IMAGES,
      });
      const { kinds, isWhole } = await store.changeLog.recent(since);
      const rows = feedRows(knownFeeds, await store.feeds.all(), now);
      const waiting = sumOf(namespaces, 'waiting');
      const present = { ...before, now };
      return {
        images: {
          total: sumOf(namespaces, 'images'),
          exploited: sumOf(namespaces, 'exploited'),
          fixableHigh: sumOf(namespaces, 'fixableHigh'),
          incomplete: sumOf(namespaces, 'incomplete'),
          waiting,
        },
        isCurrent: waiting === 0 && isCurrentMark(whole, present),
        worst: worst.images.map((image) => listedSummary(image, present)),
        endOfLife: endedReleases(namespaces, dayText(now)),
        feeds: {
          fresh: rows.filter(({ state }) => state === 'fresh').length,
          failing: rows.filter(({ state }) => state !== 'fresh' && state !== 'never updated').map(stateJson),
          neverUpdated: rows.filter(({ name, state }) => state === 'never updated' && isSelected(name)).length,
          enrichments: rows.filter(({ holds }) => holds === 'enrichments').map(stateJson),
        },
        week: { since: new Date(since).toISOString(), scanned: scannedSince, advisories: kinds, isWhole },
      };
    },
  );
}

function stateJson({ name, state, ageSeconds }: FeedRow): Type.Static<typeof FEED_STATE> {
  return { name, state, ageSeconds };
}

function sumOf(namespaces: readonly NamespaceImages[], of: Exclude<keyof NamespaceImages, 'namespace'>): number {
  return namespaces.reduce((sum, each) => sum + each[of], 0);
}

function endedReleases(
  namespaces: readonly NamespaceImages[],
  today: string,
): readonly { readonly namespace: string; readonly endedOn: string; readonly images: number }[] {
  return namespaces
    .flatMap(({ namespace, images }) => {
      const support = namespace === null ? undefined : supportOf(namespace, today);
      return namespace === null || support?.kind !== 'ended' ? [] : [{ namespace, endedOn: support.on, images }];
    })
    .toSorted((one, other) => other.images - one.images);
}
