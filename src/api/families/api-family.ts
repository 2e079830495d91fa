import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authentication } from '../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';
import type { ErrorFormat } from '../error-response.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The family of the routes on this instance; absent on the server itself. */
    readonly family?: ApiFamily;
  }
}

/** A set of routes that share an error format and an authentication. */
export type ApiFamily = {
  /** The tag of the routes in the OpenAPI document. */
  readonly id: string;
  /** The heading of the routes in docs/reference/. */
  readonly title: string;
  /** The description in the OpenAPI document, which is a single sentence. */
  readonly description: string;
  /**
   * The prefixes of the family. All requests below these prefixes belong to the family, even requests without a route.
   */
  readonly mounts: readonly Mount[];
  readonly authentication: Authentication;
  /**
   * Whether the server accepts any `Host` while it requires tokens. Clients may use host names that are not in
   * `api.hosts`, and a web page that uses DNS rebinding has no token.
   */
  readonly servesAnyHost?: boolean;
  readonly errors: ErrorFormat;
  /** Selects the error format for a request; when absent, all requests use `errors`. */
  readonly errorsOf?: (request: FastifyRequest) => ErrorFormat;
  /**
   * The status codes of errors that every route of the family can return, in addition to the common status codes
   * (`openapi.ts`).
   */
  readonly commonErrors?: readonly number[];
};

/** The routes below a prefix. */
export type Mount = {
  /** The path prefix, which starts with a slash and does not end with a slash. */
  readonly prefix: string;
  /** Registers the routes, under paths relative to the prefix. */
  readonly routes: (server: FastifyInstance, options: RouteOptions) => Promise<void>;
  /** Registers, in the threads, the routes marked `isLong`. */
  readonly longRoutes?: (server: FastifyInstance, options: ReadingOptions) => void;
};

/** Returns whether the path of a URL is below a prefix of the family. */
export function ownsAddress({ mounts }: Pick<ApiFamily, 'mounts'>, url: string): boolean {
  const [path = ''] = url.split('?', 1);
  return mounts.some(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}
