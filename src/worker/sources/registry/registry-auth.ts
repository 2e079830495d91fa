import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { type HttpAnswer, type HttpFormClient, shownAddress } from '../../../bytes/http/client.ts';
import { shownName } from '../../../bytes/tar/name.ts';
import { ClairError } from '../../../errors.ts';
import type { RegistryCredentials } from './docker-credentials.ts';
import { type Challenge, parseChallenges } from './registry-challenge.ts';

/** The authentication for one repository; keeps its state between requests. */
export type RegistryAuth = {
  /** Returns the `authorization` header for the next request, if the request is known to require one. */
  readonly header: () => string | undefined;
  /**
   * Handles the challenges of a 401 response; concurrent calls share one authentication.
   *
   * @param challenges the `www-authenticate` header
   * @param refused the `authorization` header of the refused request; does nothing if the header has changed in the
   * meantime
   * @throws ClairError `registry/denied`, `registry/credentials-invalid`, `bytes/…` for the token server
   */
  readonly answer: (challenges: string, refused: string | undefined, signal?: AbortSignal) => Promise<void>;
};

export type CredentialStore = {
  readonly name: string;
  /**
   * Finds the credentials for a repository of a registry; undefined when there are no credentials.
   *
   * @throws ClairError `registry/credentials-invalid`
   */
  readonly find: (
    repository: { readonly domain: string; readonly repository: string },
    signal?: AbortSignal,
  ) => Promise<RegistryCredentials | undefined>;
};

export type RegistryAuthOptions = {
  readonly where: string;
  readonly repository: string;
  readonly get: HttpFormClient['get'];
  readonly postForm: HttpFormClient['postForm'];
  /** Whether secrets may be sent without TLS. */
  readonly isPlain: boolean;
  /** The repository's credentials and the name of their store; absent if there are no credentials. */
  readonly credentials?: {
    readonly name: string;
    readonly find: (signal?: AbortSignal) => Promise<RegistryCredentials | undefined>;
  };
};

/**
 * Implements anonymous, basic and bearer authentication as the repository requires (distribution-spec; distribution,
 * "Token Authentication Specification" and, for identity tokens, "Oauth2 Token Authentication"). Sends the credentials
 * to the token server that the repository names, but never without TLS if the registry uses TLS.
 */
export function createRegistryAuth(options: RegistryAuthOptions): RegistryAuth {
  const keeper = options.credentials?.name ?? 'this command';
  let header: string | undefined;
  let known: { readonly credentials: RegistryCredentials | undefined } | undefined;
  let asking: { readonly outcome: Promise<string>; readonly signal: AbortSignal | undefined } | undefined;

  async function authorization(text: string, signal: AbortSignal | undefined): Promise<string> {
    const challenges = parseChallenges(text);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const isBasic = challenges.some(({ scheme }) => scheme === 'basic');
    if (bearer === undefined && !isBasic) {
      const schemes = challenges.map(({ scheme }) => scheme).join(' or ');
      const what = schemes === '' ? 'but names no scheme' : `by ${schemes}, but Clair supports only Bearer and Basic`;
      throw denied(`${options.where} requires authentication ${what}`);
    }
    known ??= { credentials: await options.credentials?.find(signal) };
    const { credentials } = known;
    if (credentials !== undefined && 'accessToken' in credentials) return `Bearer ${credentials.accessToken}`;
    if (bearer !== undefined) return `Bearer ${await fetchToken(options, bearer, credentials, signal)}`;
    if (credentials === undefined) {
      throw denied(`${options.where} requires credentials, but ${keeper} has no credentials for it`);
    }
    if ('identityToken' in credentials) {
      throw denied(`${options.where} requires a password, but ${keeper} has only an identity token for it`);
    }
    return basic(credentials);
  }

  return {
    header: () => header,
    async answer(text, refused, signal) {
      while (header === refused) {
        if (asking === undefined) {
          asking = { outcome: authorization(text, signal), signal };
          try {
            header = await asking.outcome;
          } finally {
            asking = undefined;
          }
          return;
        }
        const { outcome, signal: theirs } = asking;
        try {
          await outcome;
          return;
        } catch (error) {
          // Another caller's abort must not fail this caller.
          if (theirs?.aborted !== true) throw error;
          signal?.throwIfAborted();
        }
      }
    },
  };
}

/** The client id for token servers (RFC 6749 section 2.2); not a secret. */
const CLIENT_ID = 'clair';

/**
 * The maximum size of a response with a token. Tokens contain lists of permissions and signatures, but fit in a header.
 */
const MAX_TOKEN_ANSWER = 256 * 1024;

async function fetchToken(
  { where, repository, get, postForm, isPlain, credentials: keeper }: RegistryAuthOptions,
  { parameters }: Challenge,
  credentials: Exclude<RegistryCredentials, { readonly accessToken: string }> | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { realm = '', service, scope = `repository:${repository}:pull` } = parameters;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url === undefined || !(url.protocol === 'https:' || (isPlain && url.protocol === 'http:'))) {
    const what =
      url?.protocol === 'http:'
        ? `a token server without TLS: ${shownAddress(url.href)}`
        : `no valid token server: the realm in WWW-Authenticate is ${shownName(realm)}; check the registry or its proxy`;
    throw denied(`${where} names ${what}`);
  }
  const options = { refusals: [401, 403, 404], ...(signal && { signal }) } as const;
  let answer: HttpAnswer;
  if (credentials !== undefined && 'identityToken' in credentials) {
    const rights = { client_id: CLIENT_ID, scope, ...(service !== undefined && { service }) };
    const grant = { grant_type: 'refresh_token', refresh_token: credentials.identityToken };
    answer = await postForm(url.href, { ...grant, ...rights }, options);
  } else {
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    const headers = credentials === undefined ? {} : { authorization: basic(credentials) };
    answer = await get(url.href, { headers, ...options });
  }
  const address = shownAddress(url.href);
  if (answer.status !== 200) {
    const who = credentials === undefined ? 'without credentials' : `with the credentials from ${keeper?.name}`;
    throw denied(`${address} issued no token for ${where} ${who} (status ${answer.status})`);
  }
  const bytes = await allBytes(answer.body, MAX_TOKEN_ANSWER);
  if (bytes === undefined) throw denied(`${address} responded with more than ${MAX_TOKEN_ANSWER} bytes`);
  const token = tokenIn(bytes.toString('utf8'));
  if (token === undefined) throw denied(`${address} returned no valid token for ${where}`);
  return token;
}

/** Returns the token under either of its two names, if it is a valid header value. */
function tokenIn(text: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Value.Check(TOKEN, answer)) return undefined;
  const token = answer.token || answer.access_token || '';
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

const TOKEN = Type.Object({ token: Type.Optional(Type.String()), access_token: Type.Optional(Type.String()) });

function basic({ username, secret }: { readonly username: string; readonly secret: string }): string {
  return `Basic ${Buffer.from(`${username}:${secret}`, 'utf8').toString('base64')}`;
}

function denied(message: string): ClairError {
  return new ClairError('registry/denied', message);
}
