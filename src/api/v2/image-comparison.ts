import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import { isDigest } from '../../model/digest.ts';
import { differenceOf, type ImageDifference } from '../../report/difference/image-difference.ts';
import { type ReportableImage, reportableImage } from '../../report/image/indexed-image.ts';
import type { ReadingOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { unknownImage } from './images.ts';
import { DISTRIBUTION } from './shapes.ts';

const IMAGE_NAME = (which: string): Type.TString =>
  Type.String({
    minLength: 1,
    maxLength: 512,
    description: `digest of the ${which} image, or its reference as in GET /v2/images; a reference selects the most recently scanned image`,
  });

const QUERY = Type.Object({ before: IMAGE_NAME('first'), after: IMAGE_NAME('second') });

const COMPARED = Type.Object(
  {
    target: Type.Object({
      kind: Type.String(),
      reference: Type.String(),
      digest: Type.String(),
      platform: Type.String(),
    }),
    distribution: DISTRIBUTION,
    diagnostics: Type.Array(Type.Object({})),
    layers: Type.Array(
      Type.Object({
        index: Type.Integer(),
        diffId: Type.String(),
        createdBy: Type.String(),
        origin: Type.String({ description: 'whether the layer belongs to the base image: base, own or unknown' }),
      }),
    ),
  },
  { title: 'ImageOfDifference' },
);

const DIFFERENCE = Type.Object(
  {
    schemaVersion: Type.Literal(2),
    before: COMPARED,
    after: COMPARED,
    sharedLayers: Type.Integer({ description: 'number of identical layers, counted from the base' }),
    packages: Type.Object({
      added: Type.Array(Type.Object({})),
      removed: Type.Array(Type.Object({})),
      changed: Type.Array(Type.Object({})),
    }),
    findings: Type.Object({
      added: Type.Array(Type.Object({}), { description: 'findings only in the second image, each with its `cause`' }),
      removed: Type.Array(Type.Object({}), { description: 'findings only in the first image, each with its `cause`' }),
      changed: Type.Array(Type.Object({}), {
        description: 'findings whose severity, status or fixed version differs between the images',
      }),
      unchanged: Type.Integer({
        description:
          'number of findings in both images with the same severity, status and fixed version; the package versions can differ',
      }),
    }),
  },
  { title: 'ImageDifference' },
);

/** The maximum number of attempts to create both reports without a data change in between. */
const MAX_ATTEMPTS = 3;

/** Registers `GET /comparison`, which returns the comparison of `clair diff` for stored images. */
export function imageComparisonRoute(server: FastifyInstance, { store, report }: ReadingOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/comparison',
    {
      schema: { querystring: QUERY },
      config: {
        isLong: true,
        described: {
          summary: 'Compare the layers, packages and findings of two images.',
          description:
            'Returns the JSON of `clair diff --format json`: see [how findings are compared](../how-to/compare-images.md). Both images are matched with the current feeds and ignore rules.',
          answers: { 200: DIFFERENCE },
          errors: [400, 404],
        },
      },
    },
    async ({ query }, reply) => {
      const signal = whileWaitedFor(reply);
      const before = await namedImage(store, query.before);
      const after = await namedImage(store, query.after);
      return await differenceOfOneMoment(before, after, signal);
    },
  );

  /**
   * Repeats the comparison if the data changed between the two reports, because a data change would look like a
   * difference between the images. The last attempt returns its result even if the data changed.
   */
  async function differenceOfOneMoment(
    before: ReportableImage,
    after: ReportableImage,
    signal: AbortSignal,
  ): Promise<ImageDifference> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const { data, rules } = await store.counts.revisions();
      const [one, other] = [await report(before.image, before.layers), await report(after.image, after.layers)];
      const now = await store.counts.revisions();
      const isOneMoment = now.data === data && now.rules === rules;
      if (attempt === MAX_ATTEMPTS || isOneMoment) return differenceOf(one, other);
    }
  }
}

/**
 * Returns the indexed image with a digest, or the most recently scanned image with a reference. @throws ClairError
 * `image/unknown`
 */
async function namedImage(store: Pick<Store, 'images' | 'layers'>, name: string): Promise<ReportableImage> {
  const digest = isDigest(name) ? name : (await store.images.ofReference(name, 1))[0]?.digest;
  const found = digest === undefined ? undefined : await reportableImage(store, digest);
  if (found === undefined) throw unknownImage(name);
  return found;
}
