import { featuresOnce } from '../../../model/features-once.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { archOf, sourceOf } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { ReadingOptions } from '../../api-options.ts';
import { layerNamed, tellDiagnostics } from '../layer-analysis.ts';
import { LAYER_NAME } from '../shapes.ts';
import { PACKAGE_DIFFERENCE, PACKAGES, VULNERABILITIES, VULNERABILITY_DIFFERENCE } from './answer-shapes.ts';
import { difference, MINIMUM_PRIORITY, minimumPriorityOf, vulnerabilityList } from './vulnerability-list.ts';

const PARAMS = Type.Object({ id: LAYER_NAME });
const QUERY = Type.Object({ minimumPriority: MINIMUM_PRIORITY });

type Named = { Params: Type.Static<typeof PARAMS> };
type NamedWithPriority = Named & { Querystring: Type.Static<typeof QUERY> };

/** Registers `GET /layers/:id/…`. */
export function layerRoutes(server: FastifyInstance, options: ReadingOptions): void {
  const { store } = options;
  const schema = { params: PARAMS };
  const schemaWithPriority = { params: PARAMS, querystring: QUERY };

  server.get<Named>(
    '/layers/:id/os',
    { schema, config: described('Return the operating system of a layer.', Type.Object({ OS: Type.String() })) },
    async ({ params }, reply) => {
      const layer = await layerNamed(options, params.id);
      await tellDiagnostics(options, layer, reply);
      return { OS: layer.distribution?.namespace ?? '' };
    },
  );

  server.get<Named>(
    '/layers/:id/parent',
    { schema, config: described('Return the parent of a layer.', Type.Object({ ID: Type.String() })) },
    async ({ params }, reply) => {
      const layer = await layerNamed(options, params.id);
      await tellDiagnostics(options, layer, reply);
      return { ID: layer.parent === null ? '' : ((await store.layers.get(layer.parent))?.name ?? '') };
    },
  );

  server.get<Named>(
    '/layers/:id/packages',
    { schema, config: described('List the packages installed at a layer.', PACKAGES) },
    async ({ params }, reply) => {
      const layer = await layerNamed(options, params.id);
      const packages = featuresOnce(await store.layers.features(layer.id));
      return { Packages: packages.map(packageBody), Problems: await tellDiagnostics(options, layer, reply) };
    },
  );

  server.get<Named>(
    '/layers/:id/packages/diff',
    { schema, config: described('List the packages that a layer adds and removes.', PACKAGE_DIFFERENCE) },
    async ({ params }, reply) => {
      const layer = await layerNamed(options, params.id);
      const changes = await store.layers.changes(layer.id);
      return {
        InstalledPackages: changes.filter(({ change }) => change === 1).map(packageBody),
        RemovedPackages: changes.filter(({ change }) => change === -1).map(packageBody),
        Problems: await tellDiagnostics(options, layer, reply),
      };
    },
  );

  server.get<NamedWithPriority>(
    '/layers/:id/vulnerabilities',
    {
      schema: schemaWithPriority,
      config: described('List the vulnerabilities of the packages installed at a layer.', VULNERABILITIES),
    },
    async ({ params, query }, reply) => {
      const minimum = minimumPriorityOf(query.minimumPriority);
      const layer = await layerNamed(options, params.id);
      const verdicts = await store.matches.verdicts(layer.id);
      const Problems = await tellDiagnostics(options, layer, reply, { verdicts });
      return { ...vulnerabilityList(verdicts.matches, minimum), Problems };
    },
  );

  server.get<NamedWithPriority>(
    '/layers/:id/vulnerabilities/diff',
    {
      schema: schemaWithPriority,
      config: described(
        'List the vulnerabilities that a layer introduces and fixes, compared with its parent.',
        VULNERABILITY_DIFFERENCE,
      ),
    },
    async ({ params, query }, reply) => {
      const minimum = minimumPriorityOf(query.minimumPriority);
      const layer = await layerNamed(options, params.id);
      const verdicts = await store.matches.verdicts(layer.id);
      const below = layer.parent === null ? [] : await store.matches.ofLayer(layer.parent);
      const Problems = await tellDiagnostics(options, layer, reply, { verdicts });
      return { ...difference(below, verdicts.matches, minimum), Problems };
    },
  );
}

function described(summary: string, answer: Type.TSchema) {
  return {
    isCached: true,
    isLong: true,
    described: { summary, answers: { 200: answer }, errors: [400, 404] },
  } as const;
}

function packageBody({ feature: of, namespace }: LocatedFeature): object {
  return {
    OS: namespace,
    Name: of.name,
    Version: of.version,
    Arch: archOf(of),
    SourceName: sourceOf(of).name,
    SourceVersion: sourceOf(of).version,
  };
}
