import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { layerGraph } from '../../report/layer-graph.ts';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { imageOfDigest } from './images.ts';
import { IMAGE_DIGEST } from './shapes.ts';

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const PACKAGES = Type.Array(
  Type.Object({ name: Type.String(), version: Type.String(), arch: Type.String() }, { title: 'GraphPackage' }),
);

const FINDINGS = Type.Array(
  Type.Object(
    {
      vulnerability: Type.String(),
      package: Type.String(),
      version: Type.String(),
      severity: Type.String(),
      status: Type.String(),
      fixedIn: Type.Union([Type.String(), Type.Null()]),
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

/** `GET /images/:digest/graph` */
export function graphRoute(server: FastifyInstance, { store }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/images/:digest/graph',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          generation: 'v2',
          summary: 'The layers of an image, base first, with the packages and findings that each adds and removes.',
          answers: { 200: Type.Object({ layers: Type.Array(LAYER) }) },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }, reply) => {
      const { image, layers } = await imageOfDigest(store, digest);
      return { layers: await layerGraph(store, image, layers, whileWaitedFor(reply)) };
    },
  );
}
