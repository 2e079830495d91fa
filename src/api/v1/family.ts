import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SERVER_TOKENS } from '../access/authentication.ts';
import type { ErrorFormat } from '../error-response.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { FIRST_GENERATION } from './first-generation/family.ts';
import { isEnvelope, sharedRoutes } from './shared-routes.ts';
import { STABLE_GENERATION } from './stable-generation/family.ts';

const [first, stable] = [FIRST_GENERATION.errors, STABLE_GENERATION.errors];

/**
 * The v1 routes that are the same in both generations. Errors have the fields of both generations, unless the request
 * body determines the generation.
 */
export const V1_SHARED: ApiFamily = {
  id: 'either',
  title: 'Both generations',
  description: 'The routes of both generations of the v1 API.',
  mounts: [{ prefix: '/v1', routes: sharedRoutes }],
  authentication: SERVER_TOKENS,
  errors: {
    body: (response) => ({ ...first.body(response), ...stable.body(response) }),
    schema: Type.Union([first.schema, stable.schema]),
  },
  errorsOf,
};

function errorsOf({ method, body }: FastifyRequest): ErrorFormat {
  if (method !== 'POST' || typeof body !== 'object' || body === null || Array.isArray(body)) return V1_SHARED.errors;
  return isEnvelope(body) ? stable : first;
}
