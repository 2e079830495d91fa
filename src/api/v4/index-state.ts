import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { RouteOptions } from '../api-options.ts';
import { VENDOR_TYPES } from './negotiation.ts';
import { documentedAt, refuseOtherMethods, slashForms } from './routes.ts';
import { stateTag, stateToken } from './state-token.ts';

const STATE = '/api/v1/index_state';

/** Registers `GET /indexer/api/v1/index_state`. */
export function indexStateRoute(server: FastifyInstance, options: RouteOptions): void {
  for (const url of slashForms(STATE)) {
    server.get(
      url,
      {
        exposeHeadRoute: false,
        config: {
          vendorType: VENDOR_TYPES.indexState,
          ...documentedAt(url, {
            summary: 'Return the state of the indexer.',
            description:
              'The state is the same on all instances of a release with the same classifiers and the same `worker.fileDigests`. When the state changes, index images again, because Clair may detect different packages or cover different distributions.',
            answers: { 200: Type.Object({ state: Type.String() }) },
            otherMediaTypes: [VENDOR_TYPES.indexState],
            errors: [415],
          }),
        },
      },
      async (_request, reply) => {
        const state = stateToken(options);
        reply.header('etag', stateTag(state));
        return { state };
      },
    );
  }
  refuseOtherMethods(server, STATE, ['GET']);
}
