import type { IncomingHttpHeaders } from 'node:http';
import type { ApiOptions } from '../api-options.ts';
import type { Access } from './bearer-tokens.ts';

/** Authenticates the requests of an API family. */
export type Authentication = {
  /** The `WWW-Authenticate` header of a 401 response. */
  readonly challenge: string;
  /** Creates the check for the family's requests; returns undefined if every client has full access. */
  readonly createCheck: (options: AccessOptions) => HeaderCheck | undefined;
};

/** The options that determine who has access. */
export type AccessOptions = Pick<ApiOptions, 'checkAccess' | 'checkV4Access' | 'harbor'>;

/** Returns the access level of a request with these headers. @throws ClairError `request/unauthenticated` */
export type HeaderCheck = (headers: IncomingHttpHeaders) => Promise<Access>;

/** The bearer tokens of the server (`bearer-tokens.ts`), if the server requires tokens. */
export const SERVER_TOKENS: Authentication = {
  challenge: 'Bearer',
  createCheck: ({ checkAccess }) => checkAccess && (({ authorization }) => checkAccess(authorization)),
};

/** The tokens of the server, and the tokens that Clair v4 components send each other. */
export const V4_TOKENS: Authentication = {
  challenge: 'Bearer',
  createCheck: ({ checkV4Access }) => checkV4Access && (({ authorization }) => checkV4Access(authorization)),
};
