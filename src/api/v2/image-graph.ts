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
      type: Type.String({ description: 'package URL type, such as deb or npm' }),
      name: Type.String(),
      version: Type.String(),
      arch: Type.String(),
      source: Type.Object({ name: Type.String(), version: Type.String() }),
    },
    { title: 'GraphPackage' },
  ),
);

const FINDING = Type.Object(
  {
    id: Type.String(),
    namespace: Type.String(),
    severity: Type.String(),
    status: Type.String(),
    package: Type.String(),
    version: Type.String(),
    fixedIn: Type.Union([Type.String(), Type.Null()]),
    isSuppressed: Type.Boolean({ description: 'whether an ignore rule or VEX statement suppresses the finding' }),
  },
  { title: 'GraphFinding' },
);

const LAYER = Type.Object(
  {
    index: Type.Integer({ description: '0 for the lowest layer' }),
    createdBy: Type.String({ description: 'instruction of the layer; empty if unknown' }),
    origin: Type.String({ description: 'base (from the base image), own or unknown' }),
    size: Type.Union([Type.Integer(), Type.Null()], { description: 'bytes; null if unknown' }),
    added: PACKAGES,
    removed: PACKAGES,
    brings: Type.Array(FINDING, { description: 'introduced findings' }),
    repairs: Type.Array(FINDING, { description: 'fixed findings' }),
  },
  { title: 'GraphLayer' },
);

const LINE = Type.Object(
  {
    namespace: Type.String(),
    name: Type.String({ description: 'package name' }),
    isOfSource: Type.Boolean({ description: 'whether `name` is the name of a source rpm' }),
    versions: Type.Array(Type.String(), {
      description: 'versions in the order of the package manager, without the interval ends `0` and `∞`',
    }),
    points: Type.Array(
      Type.Object({
        version: Type.String(),
        layer: Type.Integer({ description: 'index of the layer that adds the version' }),
        until: Type.Union([Type.Integer(), Type.Null()], {
          description: 'index of the layer that removes the version; null if the version is still installed',
        }),
        packages: Type.Array(Type.String()),
      }),
    ),
    intervals: Type.Array(
      Type.Object({
        vulnerability: Type.String(),
        from: Type.String({ description: 'first affected version; `0` if the range has no start' }),
        to: Type.String({
          description: 'first unaffected or last affected version (see `isToAffected`); `∞` if the range has no end',
        }),
        isToAffected: Type.Boolean({
          description: 'whether `to` is the last affected version, not the first unaffected version',
        }),
        severity: Type.String(),
        status: Type.String(),
      }),
    ),
  },
  { title: 'GraphLine' },
);

/** Registers `GET /images/:digest/graph`, which returns the graph of `clair graph` for a stored image. */
export function graphRoute(server: FastifyInstance, { store, report }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/images/:digest/graph',
    {
      schema: { params: PARAMS },
      config: {
        isLong: true,
        described: {
          summary: 'Return the changes of each layer and the version lines of the packages of an image.',
          description:
            'Returns the fields `layers` and `lines` of `clair graph --format json`. `layers` (base first) has the packages that each layer adds and removes, and the findings that the layer introduces (`brings`) and fixes (`repairs`), including suppressed findings. An upgrade from one vulnerable version to another neither introduces nor fixes a finding. `lines` has the version lines of the packages, with the affected intervals of all vulnerabilities found at any layer.',
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
