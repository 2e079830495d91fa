import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { RouteOptions } from '../../api-options.ts';
import { whileWaitedFor } from '../../request-life.ts';
import { layerNamed, tellDiagnostics } from '../layer-analysis.ts';
import { VULNERABILITIES } from './answer-shapes.ts';
import { LAYER_LIST, type LayerList } from './layer-list.ts';
import { MINIMUM_PRIORITY, minimumPriorityOf, vulnerabilityList } from './vulnerability-list.ts';

const QUERY = Type.Object({ minimumPriority: MINIMUM_PRIORITY });

/** Registers `POST /batch/layers/vulnerabilities`. */
export function batchRoutes(server: FastifyInstance, options: RouteOptions): void {
  server.post<{ Body: LayerList; Querystring: Type.Static<typeof QUERY> }>(
    '/batch/layers/vulnerabilities',
    {
      schema: { body: LAYER_LIST, querystring: QUERY },
      config: {
        onlyReads: true,
        described: {
          summary: 'List the vulnerabilities of several layers. If a layer is unknown, the whole request fails.',
          answers: { 200: Type.Record(Type.String(), VULNERABILITIES) },
          errors: [400, 404, 413, 415],
        },
      },
    },
    async ({ body, query }, reply) => {
      const signal = whileWaitedFor(reply);
      const minimum = minimumPriorityOf(query.minimumPriority);
      const names = [...new Set(body.LayersIDs)];
      const layers = [];
      for (const name of names) layers.push(await layerNamed(options, name));
      const lists: [string, object][] = [];
      for (const layer of layers) {
        signal.throwIfAborted();
        const verdicts = await options.store.matches.verdicts(layer.id);
        const Problems = await tellDiagnostics(options, layer, reply, { verdicts });
        lists.push([layer.name, { ...vulnerabilityList(verdicts.matches, minimum), Problems }]);
      }
      return Object.fromEntries(lists);
    },
  );
}
