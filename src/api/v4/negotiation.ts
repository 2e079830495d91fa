import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClairError } from '../../errors.ts';
import { acceptedType } from '../accepted-type.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media type of the responses of a Clair v4 route, as an alternative to `application/json`. */
    readonly vendorType?: string;
  }
}

export const VENDOR_TYPES = {
  indexReport: 'application/vnd.clair.index_report.v1+json',
  indexState: 'application/vnd.clair.index_state.v1+json',
  affectedManifests: 'application/vnd.clair.affected_manifests.v1+json',
  notificationPage: 'application/vnd.clair.notification_page.v1+json',
} as const;

const JSON_TYPE = 'application/json';

/**
 * Sets the content type of responses from routes with a `vendorType`. The content type is the vendor type if the
 * `Accept` header prefers the vendor type, otherwise `application/json`. Returns 415, as Clair v4 does, if the header
 * allows neither type.
 */
export function negotiateTypes(server: FastifyInstance): void {
  server.addHook('preValidation', async ({ headers, routeOptions }) => {
    const { vendorType } = routeOptions.config;
    if (vendorType !== undefined) requiredType(headers.accept, [JSON_TYPE, vendorType]);
  });
  server.addHook('onSend', async ({ headers, routeOptions }: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const { vendorType } = routeOptions.config;
    if (vendorType === undefined || reply.statusCode !== 200) return payload;
    const type = requiredType(headers.accept, [JSON_TYPE, vendorType]);
    if (type === vendorType) reply.header('content-type', type);
    return payload;
  });
}

/**
 * Returns the response type that {@link acceptedType} selects.
 *
 * @throws ClairError `request/not-acceptable` if the header allows none of the types
 */
export function requiredType(accept: string | undefined, types: readonly string[]): string {
  // JSON is always UTF-8, so the type with the parameter `charset` is equivalent.
  const known = types.flatMap((type) => (type === JSON_TYPE ? [type, `${type}; charset=utf-8`] : [type]));
  const type = acceptedType(accept, known);
  if (type !== undefined) return type.startsWith(`${JSON_TYPE};`) ? JSON_TYPE : type;
  throw new ClairError(
    'request/not-acceptable',
    `the response is ${types.join(' or ')}, which the Accept header does not allow`,
  );
}
