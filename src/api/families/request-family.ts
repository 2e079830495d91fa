import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestCheck } from '../access/request-check.ts';
import type { ApiOptions } from '../api-options.ts';
import { sendError } from '../error-response.ts';
import { type ApiFamily, ownsAddress } from './api-family.ts';
import { OUTSIDE } from './index.ts';

/** Creates the error handler of the server. The handler uses the error format of the request's family. */
export function createErrorHandler(
  families: readonly ApiFamily[],
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (error, request, reply) => {
    const errors = request.server.family?.errorsOf?.(request) ?? familyOf(request, families).errors;
    await sendError(error, errors, request, reply);
  };
}

/** Creates the check that authenticates each request with the authentication of its family. */
export function createFamilyCheck(families: readonly ApiFamily[], options: ApiOptions): RequestCheck {
  const authentications = new Set([...families, OUTSIDE].map(({ authentication }) => authentication));
  const checks = new Map([...authentications].map((each) => [each, each.createCheck(options)]));
  return async (request, reply) => {
    const { authentication } = familyOf(request, families);
    const check = checks.get(authentication);
    if (check === undefined) return 'full';
    // RFC 9110 section 11.6.1. The response keeps this header only if the check throws.
    reply.header('www-authenticate', authentication.challenge);
    const access = await check(request.headers);
    reply.removeHeader('www-authenticate');
    return access;
  };
}

/**
 * Returns the family of the matched route. The URL determines the family only if no route matches, because routes also
 * match percent-encoded paths such as `/%762/images`.
 */
function familyOf(
  { server, url }: FastifyRequest,
  families: readonly ApiFamily[],
): Pick<ApiFamily, 'authentication' | 'errors'> {
  return server.family ?? families.find((each) => ownsAddress(each, url)) ?? OUTSIDE;
}
