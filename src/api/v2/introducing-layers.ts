import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize } from './shapes.ts';
import { namesWithRecords, VULNERABILITY_PARAMS } from './vulnerability-records.ts';

const QUERY = Type.Object(LIST_QUERY);

const PAGE_OF_LAYERS = Type.Object({
  layers: Type.Array(Type.Object({ name: Type.String() }, { title: 'LayerName' })),
  nextPage: NEXT_PAGE,
});

/** What the token of a next page holds. */
const POSITION = Type.Object({ list: Type.Literal('layers'), id: Type.String(), after: Type.Integer() });

/** `GET /vulnerabilities/:id/layers` */
export function introducingLayersRoute(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/vulnerabilities/:id/layers',
    {
      schema: { params: VULNERABILITY_PARAMS, querystring: QUERY },
      config: {
        described: {
          summary: 'The layers that add a package with a vulnerability; layers that inherit the package are left out.',
          answers: { 200: PAGE_OF_LAYERS },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id }, query }) => {
      const names = await namesWithRecords(store, id);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.id !== id) {
        throw new ClairError('request/page-invalid', `the page token is one of ${position.id}`);
      }
      const limit = pageSize(query.limit);
      const after = position?.after ?? 0;
      const found = await store.matches.introducingLayers(names, { after, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = { list: 'layers', id, after: shown.at(-1)?.id ?? after };
      return {
        layers: shown.map(({ name }) => ({ name })),
        nextPage: found.length > limit ? pages.seal(next) : null,
      };
    },
  );
}
