import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import type { InstalledPackage, Layer } from '../../../model/layer.ts';
import { layerProblems } from '../../../report/layer-problems.ts';
import type { LayerLayout } from '../../../worker/layer/layer-layout.ts';
import { layerAt } from '../../../worker/sources/layer-location.ts';
import type { ApiOptions } from '../../api-options.ts';
import { difference, minimumPriorityOf, vulnerabilityList } from './vulnerability-list.ts';

type Named = { Params: { id: string } };
type NamedWithPriority = Named & { Querystring: { minimumPriority?: string | string[] } };

/** `POST /layers` and `GET /layers/:id/…` */
export function layerRoutes(server: FastifyInstance, options: ApiOptions): void {
  const { store, worker } = options;

  async function layerNamed(name: string): Promise<Layer> {
    const layer = await store.layers.find(name);
    if (layer === undefined) throw new ClairError('layer/not-found', `there is no layer ${name}`);
    return layer;
  }

  server.post<{ Body: Submission }>('/layers', { schema: { body: SUBMISSION } }, async ({ body }, reply) => {
    await submit(body);
    return await reply.status(201).send({ Version: String(worker.engineVersion) });
  });

  async function submit({
    ID: name,
    Path: location,
    ParentID: parentName,
    ImageFormat: format,
    Headers: headers = {},
  }: Submission): Promise<void> {
    const layout = layoutOf(format);
    const parent = parentName === undefined || parentName === '' ? null : await store.layers.find(parentName);
    if (parent === undefined) {
      throw new ClairError('layer/parent-unknown', `parent layer ${parentName} is unknown, it must be processed first`);
    }
    await worker.analyzeLayer({ name, parent, source: await layerAt(location, { ...options, headers }), layout });
  }

  server.get<Named>('/layers/:id/os', async ({ params }) => {
    const { distribution } = await layerNamed(params.id);
    return { OS: distribution?.namespace ?? '' };
  });

  server.get<Named>('/layers/:id/parent', async ({ params }) => {
    const { parent } = await layerNamed(params.id);
    return { ID: parent === null ? '' : ((await store.layers.get(parent))?.name ?? '') };
  });

  server.get<Named>('/layers/:id/packages', async ({ params }) => {
    const layer = await layerNamed(params.id);
    return { Packages: (await store.layers.packages(layer.id)).map(packageBody), Problems: layer.problems };
  });

  server.get<Named>('/layers/:id/packages/diff', async ({ params }) => {
    const layer = await layerNamed(params.id);
    const changes = await store.layers.changes(layer.id);
    return {
      InstalledPackages: changes.filter(({ change }) => change === 1).map(packageBody),
      RemovedPackages: changes.filter(({ change }) => change === -1).map(packageBody),
    };
  });

  server.get<NamedWithPriority>('/layers/:id/vulnerabilities', async ({ params, query }) => {
    const minimum = minimumPriorityOf(query.minimumPriority);
    const layer = await layerNamed(params.id);
    const matches = await store.matches.ofLayer(layer.id);
    return { ...vulnerabilityList(matches, minimum), Problems: await layerProblems(store, layer, Date.now()) };
  });

  server.get<NamedWithPriority>('/layers/:id/vulnerabilities/diff', async ({ params, query }) => {
    const minimum = minimumPriorityOf(query.minimumPriority);
    const layer = await layerNamed(params.id);
    const here = await store.matches.ofLayer(layer.id);
    const below = layer.parent === null ? [] : await store.matches.ofLayer(layer.parent);
    return { ...difference(below, here, minimum), Problems: await layerProblems(store, layer, Date.now()) };
  });
}

/**
 * `ImageFormat` came with the second version of the first generation; without it a Docker layer is meant. `Headers` is a
 * field of the original's later generation.
 */
const SUBMISSION = Type.Object({
  ID: Type.String({ minLength: 1, maxLength: 1024 }),
  Path: Type.String({ minLength: 1, maxLength: 8192 }),
  ParentID: Type.Optional(Type.String({ maxLength: 1024 })),
  ImageFormat: Type.Optional(Type.String({ maxLength: 32 })),
  Headers: Type.Optional(Type.Record(Type.String(), Type.String())),
});

type Submission = Type.Static<typeof SUBMISSION>;

/** The words of the original, in any case. */
function layoutOf(format: string | undefined): LayerLayout {
  switch (format?.toLowerCase() ?? '') {
    case '':
    case 'docker':
      return 'docker';
    case 'aci':
      return 'aci';
    default:
      throw new ClairError('request/invalid', `ImageFormat "${format}" is not supported; it must be Docker or ACI`);
  }
}

/** `OS`, `Name` and `Version` are the original's; feeds speak of the source package, which is told beside them. */
function packageBody({ package: of, namespace }: InstalledPackage): object {
  return {
    OS: namespace,
    Name: of.name,
    Version: of.version,
    Arch: of.arch,
    SourceName: of.source.name,
    SourceVersion: of.source.version,
  };
}
