import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Authentication } from '../access/authentication.ts';
import type { RouteOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { webhookRoute } from './routes.ts';

/**
 * Requires no token of the server. The route itself checks the secret of the registry, because a GitHub
 * signature can be checked only after the body is read.
 */
const BY_SECRET: Authentication = { challenge: 'Bearer', createCheck: () => undefined };

/** Registry webhooks, which submit images on push. */
export const WEBHOOK_FAMILY: ApiFamily = {
  id: 'webhooks',
  title: 'Registry webhooks',
  description:
    'Receives webhooks from Distribution, Harbor, Quay, GitHub, GitLab, Docker Hub and Artifactory, and submits pushed images.',
  mounts: [{ prefix: '/webhooks', routes }],
  authentication: BY_SECRET,
  errors: {
    body: ({ code, message, remedy }) => ({ error: { code, message, remedy } }),
    schema: Type.Object({
      error: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }, { title: 'Error' }),
    }),
  },
};

async function routes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  webhookRoute(server, options);
}
