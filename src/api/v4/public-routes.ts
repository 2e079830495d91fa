import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import type { RouteOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { familyDocument } from '../openapi.ts';
import { requiredType } from './negotiation.ts';
import { refuseOtherMethods, slashForms } from './routes.ts';

/** The media types of the OpenAPI document; the preferred type comes first. */
const JSON_TYPES: readonly string[] = [
  'application/json',
  'application/openapi+json',
  'application/vnd.oai.openapi+json',
];
const YAML_TYPES: readonly string[] = [
  'application/yaml',
  'application/openapi+yaml',
  'application/vnd.oai.openapi+yaml',
];

/**
 * Registers `GET /robots.txt` without authentication; the response tells search engines to index nothing on this
 * server.
 */
export async function robotsRoutes(server: FastifyInstance): Promise<void> {
  server.get('/', { exposeHeadRoute: false, config: { isPublic: true } }, async (_request, reply) => {
    reply.type('text/plain; charset=utf-8');
    return 'User-agent: *\nDisallow: /\n';
  });
}

/** Creates the routes of `GET /openapi/v1`, which return the OpenAPI document of the family as JSON or YAML. */
export function openApiRoutes(
  family: Pick<ApiFamily, 'id' | 'description'>,
): (server: FastifyInstance, options: RouteOptions) => Promise<void> {
  return async (server, { version }) => {
    for (const url of slashForms('/v1')) {
      server.get(url, { exposeHeadRoute: false }, async ({ headers }, reply) => {
        const type = requiredType(headers.accept, [...JSON_TYPES, ...YAML_TYPES]);
        const document = familyDocument(server, family, version);
        reply.type(type);
        // The framework does not serialize JSON for media types with a suffix such as `+json`.
        return YAML_TYPES.includes(type) ? stringify(document) : JSON.stringify(document);
      });
    }
    refuseOtherMethods(server, '/v1', ['GET']);
  };
}
