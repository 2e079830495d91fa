import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { CHANGE_KINDS, type ImageChange } from '../../report/changes/image-changes.ts';
import type { ReadingOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { imageOfDigest } from './images.ts';
import { IMAGE_DIGEST, TIME } from './shapes.ts';

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const QUERY = Type.Object({
  since: Type.String({
    maxLength: 64,
    description: 'ISO 8601: a day, which begins in UTC, or a time with `Z` or an offset; not in the future',
  }),
});

const TIME_OR_NONE = Type.Union([TIME, Type.Null()]);

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
    kind: Type.String({ description: CHANGE_KINDS.join(', ') }),
    cause: Type.String({ description: 'image or data' }),
    at: TIME_OR_NONE,
    feed: Type.String(),
    vulnerability: Type.String(),
    package: Type.String(),
    before: RATING,
    after: RATING,
  },
  { title: 'ImageChange' },
);

const ANSWER = Type.Object({
  since: TIME,
  comparedWith: Type.Union([
    Type.Object({ digest: IMAGE_DIGEST, scannedAt: TIME }, { title: 'ComparedImage' }),
    Type.Null(),
  ]),
  baseline: Type.Union([TIME, Type.Null()], {
    description: 'when an image of this name was first read, where that is after `since`: the changes begin there',
  }),
  isWhole: Type.Boolean({ description: 'whether all changes of the data since then are known' }),
  knownFrom: TIME_OR_NONE,
  changes: Type.Array(CHANGE),
});

/** `GET /images/:digest/changes` */
export function imageChangesRoute(server: FastifyInstance, { store, changes: changesOf }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/images/:digest/changes',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        isLong: true,
        described: {
          summary: 'What changed for an image since a time, and whether the data or the image did.',
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

/** A day, or a time of which it is told in which zone it is (RFC 3339, 5.6). */
const TIME_PATTERN = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Reads a time of a client. @throws ClairError `request/invalid` for none, and for one that is still to come */
function pastTime(text: string, now: number): number {
  const day = TIME_PATTERN.exec(text)?.[1];
  const time = day === undefined ? Number.NaN : Date.parse(text);
  if (Number.isNaN(time) || !isDay(day ?? '')) {
    const forms = '2026-01-31, 2026-01-31T10:00:00Z or 2026-01-31T10:00:00%2B01:00';
    throw new ClairError('request/invalid', `querystring.since must be a day or a time, as in ${forms}`);
  }
  if (time > now) throw new ClairError('request/invalid', `querystring.since must not be in the future: ${text}`);
  return time;
}

/** A day that the month does not have is taken for one of the next month by `Date.parse`. */
function isDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}

function changeJson({ at, ...change }: ImageChange): object {
  return { ...change, at: at === null ? null : timeJson(at) };
}

function timeJson(time: number): string {
  return new Date(time).toISOString();
}
