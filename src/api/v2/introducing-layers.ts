import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { RouteOptions } from '../api-options.ts';
import { INTRODUCING_LAYERS, introducingLayersPage } from '../introducing-layers.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize } from './shapes.ts';
import { namesWithRecords, VULNERABILITY_PARAMS } from './vulnerability-records.ts';

const QUERY = Type.Object(LIST_QUERY);

const PAGE_OF_LAYERS = Type.Object({
  layers: Type.Array(Type.Object({ name: Type.String() }, { title: 'LayerName' })),
  nextPage: NEXT_PAGE,
});

/** Registers `GET /vulnerabilities/:id/layers`. */
export function introducingLayersRoute(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/vulnerabilities/:id/layers',
    {
      schema: { params: VULNERABILITY_PARAMS, querystring: QUERY },
      config: { described: { ...INTRODUCING_LAYERS, answers: { 200: PAGE_OF_LAYERS } } },
    },
    async ({ params: { id }, query }) => {
      const names = await namesWithRecords(store, id);
      const request = { id, names, page: query.page, limit: pageSize(query.limit) };
      const { layers, nextPage = null } = await introducingLayersPage({ store, pages }, request);
      return { layers: layers.map((name) => ({ name })), nextPage };
    },
  );
}
