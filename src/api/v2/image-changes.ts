import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ImageChange } from '../../report/changes/image-changes.ts';
import type { ReadingOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { imageOfDigest } from './images.ts';
import { pastTime, SINCE } from './query-parameters.ts';
import { IMAGE_DIGEST, TIME } from './shapes.ts';

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const QUERY = Type.Object({
  since: SINCE,
});

const RATING = Type.Union([
  Type.Object(
    {
      version: Type.String(),
      severity: Type.String(),
      status: Type.String(),
      fixedIn: Type.Union([Type.String(), Type.Null()]),
    },
    { title: 'FindingState' },
  ),
  Type.Null(),
]);

const CHANGE = Type.Object(
  {
    kind: Type.String({ description: 'new, rescored, fixed or withdrawn' }),
    cause: Type.String({ description: 'image or data (feed data)' }),
    at: Type.Union([TIME, Type.Null()], {
      description: 'time when the feed data changed, ISO 8601; null if `cause` is `image`, or if the time is unknown',
    }),
    feed: Type.String(),
    vulnerability: Type.String(),
    type: Type.String({ description: 'package URL type of the package, such as deb or npm' }),
    package: Type.String(),
    before: RATING,
    after: RATING,
  },
  { title: 'ImageChange' },
);

const ANSWER = Type.Object({
  since: TIME,
  comparedWith: Type.Union(
    [Type.Object({ digest: IMAGE_DIGEST, scannedAt: TIME }, { title: 'ComparedImage' }), Type.Null()],
    {
      description:
        'image with the same reference and platform at `baseline` or, if `baseline` is null, at `since`; null if the image was deleted',
    },
  ),
  baseline: Type.Union([TIME, Type.Null()], {
    description:
      'time when the first image with this reference and platform was indexed, ISO 8601; the changes start at this time; null if that image was indexed by `since`',
  }),
  isWhole: Type.Boolean({
    description: 'false if feed data is compared from `knownFrom` instead of `since` or `baseline`',
  }),
  knownFrom: Type.Union([TIME, Type.Null()], {
    description: 'time from which feed data is compared if `isWhole` is false, ISO 8601; otherwise null',
  }),
  changes: Type.Array(CHANGE),
});

const DESCRIPTION =
  'Compares the current findings of the image with its findings at `since`. `comparedWith` is the image with the same reference and platform that was scanned most recently before `since`; `scannedAt` is the time of the last scan of that image. If no image with this reference and platform had been indexed by `since`, `comparedWith` is the first such image, and the comparison starts when that image was indexed (`baseline`). Feed data at `since` is reconstructed from the change log, where the first import of a feed does not count as a change. If the change log does not reach back to `since` (`housekeeping.changeLog`), or has 200,000 or more changes after `since`, feed data is compared from `knownFrom`. Enrichments are not compared, and suppressed findings are left out. `kind` is `new` (no finding before), `rescored` (a different severity, status or fixed version), `fixed` (the image no longer contains an affected version of the package) or `withdrawn` (the feed no longer lists the version as affected). `cause` is `data` if current feed data gives the same result for the earlier image, otherwise `image`. `before` and `after` are null if there is no finding. Changes are sorted by kind, then by severity, worst first.';

/** Registers `GET /images/:digest/changes`. */
export function imageChangesRoute(server: FastifyInstance, { store, changes: changesOf }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/images/:digest/changes',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        isLong: true,
        described: {
          summary: "List an image's findings that changed since a given time, with the cause of each change.",
          description: DESCRIPTION,
          answers: { 200: ANSWER },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest }, query }, reply) => {
      const since = pastTime(query.since, store.now());
      const image = await imageOfDigest(store, digest);
      const { comparedWith, baseline, knownFrom, changes } = await changesOf(image, since, whileWaitedFor(reply));
      return {
        since: timeJson(since),
        comparedWith: comparedWith && {
          digest: comparedWith.digest,
          scannedAt: timeJson(comparedWith.scannedAt),
        },
        baseline: baseline === null ? null : timeJson(baseline),
        isWhole: knownFrom === null,
        knownFrom: knownFrom === null ? null : timeJson(knownFrom),
        changes: changes.map(changeJson),
      };
    },
  );
}

function changeJson({ at, ...change }: ImageChange): object {
  return { ...change, at: at === null ? null : timeJson(at) };
}

function timeJson(time: number): string {
  return new Date(time).toISOString();
}
