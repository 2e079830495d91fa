import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authentication } from '../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';
import type { ErrorFormat } from '../error-response.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The family whose routes are registered on this instance; absent on the server itself. */
    readonly family?: ApiFamily;
  }
}

/** A set of routes with one error format and one way of authentication. */
export type ApiFamily = {
  /** The tag of the routes in the OpenAPI document. */
  readonly id: string;
  /** The heading above the routes in docs/api.md. */
  readonly title: string;
  /** One sentence for the OpenAPI document. */
  readonly description: string;
  /** The prefixes of the family; a request below one of them is the family's, whether a route matches or not. */
  readonly mounts: readonly Mount[];
  readonly authentication: Authentication;
  readonly errors: ErrorFormat;
  /** The error format of one request, where a route of the family can tell from its request; `errors` when absent. */
  readonly errorsOf?: (request: FastifyRequest) => ErrorFormat;
  /** Status codes of errors that each route may return, in addition to those of every family (`openapi.ts`). */
  readonly commonErrors?: readonly number[];
};

/** The routes below one prefix. */
export type Mount = {
  /** Starts with a slash and does not end with one. */
  readonly prefix: string;
  /** Registers the routes, under paths relative to the prefix. */
  readonly routes: (server: FastifyInstance, options: RouteOptions) => Promise<void>;
  /** Registers those of the routes again that are marked `isLong`, in the threads that answer them. */
  readonly longRoutes?: (server: FastifyInstance, options: ReadingOptions) => void;
};

/** Returns whether the path of a URL lies below a prefix of the family. */
export function ownsAddress({ mounts }: Pick<ApiFamily, 'mounts'>, url: string): boolean {
  const [path = ''] = url.split('?', 1);
  return mounts.some(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}
