import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { graphOfImage } from '../../report/graph/stored-graph.ts';
import type { ReadingOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { imageOfDigest } from './images.ts';
import { IMAGE_DIGEST } from './shapes.ts';

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const PACKAGES = Type.Array(
  Type.Object(
    {
      name: Type.String(),
      version: Type.String(),
      arch: Type.String(),
      source: Type.Object({ name: Type.String(), version: Type.String() }),
    },
    { title: 'GraphPackage' },
  ),
);

const FINDINGS = Type.Array(
  Type.Object(
    {
      id: Type.String(),
      namespace: Type.String(),
      severity: Type.String(),
      status: Type.String(),
      package: Type.String(),
      version: Type.String(),
      fixedIn: Type.Union([Type.String(), Type.Null()]),
      isSuppressed: Type.Boolean({ description: 'whether a rule takes it out of the findings of the image' }),
    },
    { title: 'GraphFinding' },
  ),
);

const LAYER = Type.Object(
  {
    index: Type.Integer(),
    createdBy: Type.String(),
    origin: Type.String({ description: 'base, own or unknown' }),
    size: Type.Union([Type.Integer(), Type.Null()]),
    added: PACKAGES,
    removed: PACKAGES,
    brings: FINDINGS,
    repairs: FINDINGS,
  },
  { title: 'GraphLayer' },
);

const LINE = Type.Object(
  {
    namespace: Type.String(),
    name: Type.String(),
    isOfSource: Type.Boolean({ description: 'whether it is, of rpm, the name of a source' }),
    versions: Type.Array(Type.String(), { description: 'in the order of the package manager, without 0 and ∞' }),
    points: Type.Array(
      Type.Object({
        version: Type.String(),
        layer: Type.Integer({ description: 'the layer that brings it' }),
        until: Type.Union([Type.Integer(), Type.Null()], { description: 'the layer that removes it' }),
        packages: Type.Array(Type.String()),
      }),
    ),
    intervals: Type.Array(
      Type.Object({
        vulnerability: Type.String(),
        from: Type.String({ description: 'the first version, or 0' }),
        to: Type.String({ description: 'the first one that is not affected any more, or ∞' }),
        isToAffected: Type.Boolean({ description: 'whether it is the last one that is affected instead' }),
        severity: Type.String(),
        status: Type.String(),
      }),
    ),
  },
  { title: 'GraphLine' },
);

/** `GET /images/:digest/graph`: what `clair graph` draws, made of what is stored. */
export function graphRoute(server: FastifyInstance, { store, report }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/images/:digest/graph',
    {
      schema: { params: PARAMS },
      config: {
        isLong: true,
        described: {
          summary:
            'What each layer of an image adds, removes, brings in and repairs, and the versions between 0 and ∞.',
          answers: { 200: Type.Object({ layers: Type.Array(LAYER), lines: Type.Array(LINE) }) },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }, reply) => {
      const { image, layers } = await imageOfDigest(store, digest);
      const found = { report: await report(image, layers), layers };
      const { layers: changed, lines } = await graphOfImage(store, found, {}, whileWaitedFor(reply));
      return { layers: changed, lines };
    },
  );
}
