import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { HttpFormClient, HttpRange } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import { type BodyRange, partOf } from '../../../bytes/http/partial-response.ts';
import type { PartialFetch } from '../../parts/parts-scope.ts';
import { type CredentialStore, createRegistryAuth, type RegistryAuth } from './registry-auth.ts';
import type { RegistryMirror } from './registry-mirror.ts';
import { askWithRetries, type Pause, pauseOfClock, type Retries } from '../../../bytes/http/retries.ts';

/** Reads one repository of a registry (distribution-spec, "Pull"). */
export type RegistryClient = {
  /**
   * Requests `manifests/REFERENCE`, `blobs/DIGEST`, `tags/list` or `referrers/DIGEST`.
   *
   * @throws ClairError `image/not-found` for a missing manifest and `bytes/not-found` for a missing blob; `registry/…`
   * when access is denied; `bytes/unreachable`, even while the body is read.
   */
  readonly get: (name: string, signal?: AbortSignal) => Promise<RegistryAnswer>;
  /**
   * Requests a part of a blob of `size` bytes, and checks that the response is exactly this part.
   *
   * @throws ClairError as `get`; `bytes/unreachable` for a registry that does not serve parts; `bytes/truncated` for
   * too few bytes
   */
  readonly getRange: (name: string, range: BodyRange, signal?: AbortSignal) => Promise<Uint8Array>;
};

export type RegistryAnswer = { readonly headers: Readonly<Record<string, string>>; readonly body: ByteStream };

export type RegistryAccess = {
  readonly http: HttpFormClient;
  /** The credentials; requests are anonymous without credentials. */
  readonly credentials?: CredentialStore;
  /**
   * The registries, `HOST` or `HOST:PORT`, that are accessed without TLS, in addition to all registries on this
   * machine.
   */
  readonly insecureRegistries: readonly string[];
  /** The registries whose layers are read in part where possible; none by default. */
  readonly partialFetch?: readonly PartialFetch[];
  /** Mirrors, in order of preference. */
  readonly mirrors: readonly RegistryMirror[];
  /** Waits between attempts; defaults to a real timer. */
  readonly pause?: Pause;
};

/**
 * Creates a client of one repository, which keeps its authentication between requests. Uses HTTP for this machine and
 * insecure registries, and HTTPS for all other registries.
 *
 * @param domain the registry as in references: `docker.io`, `localhost:5000`
 * @param attempts the maximum number of requests on transient failures
 */
export function createRegistryClient(
  domain: string,
  repository: string,
  access: Omit<RegistryAccess, 'mirrors'>,
  attempts?: number,
): RegistryClient {
  const { where, base, auth, get } = openRegistryRepository(domain, repository, access, attempts);

  async function ask(name: string, signal?: AbortSignal, range?: HttpRange): Promise<RegistryAnswer> {
    const isManifest = /^(?:manifests|referrers)\//.test(name);
    for (let isAgain = false; ; isAgain = true) {
      const authorization = auth.header();
      const headers = {
        ...(isManifest && { accept: MANIFEST_TYPES.join(', ') }),
        ...(authorization !== undefined && { authorization }),
      };
      const options = {
        headers,
        refusals: [401, 403, 404] as const,
        ...(signal && { signal }),
        ...(range && { range }),
      };
      const answer = await get(`${base}${name}`, options);
      if (answer.status === 200 || answer.status === 206) return answer;
      // The authorization was missing or has expired.
      if (answer.status === 401 && !isAgain) {
        await auth.answer(answer.headers['www-authenticate'] ?? '', authorization, signal);
      } else throw refusal(answer.status, name, where);
    }
  }

  return {
    get: async (name, signal) => await ask(name, signal),
    async getRange(name, range, signal) {
      const { start, end } = range;
      return await partOf(await ask(name, signal, { start, end }), range, `${name} in ${where}`);
    },
  };
}

/** A repository of a registry, and its authentication. */
export type RegistryRepository = {
  /** The repository in messages. */
  readonly where: string;
  /** The base URL of the repository's API, with a trailing slash. */
  readonly base: string;
  readonly auth: RegistryAuth;
  /** Sends a request, and repeats the request on transient failures. */
  readonly get: HttpFormClient['get'];
};

/** Opens a repository without a request; the parameters are those of {@link createRegistryClient}. */
export function openRegistryRepository(
  domain: string,
  repository: string,
  access: Omit<RegistryAccess, 'mirrors'>,
  attempts?: number,
): RegistryRepository {
  const { http, credentials, pause = pauseOfClock } = access;
  const retries: Retries = { pause, ...(attempts !== undefined && { attempts }) };
  const get: HttpFormClient['get'] = async (url, options = {}) =>
    await askWithRetries(
      async (asked) => await http.get(url, asked),
      url,
      options,
      options.range === undefined ? retries : { pause, attempts: MAX_RANGE_ATTEMPTS },
    );
  const where = `${domain}/${repository}`;
  const isPlain = isLoopback(domain) || access.insecureRegistries.some((each) => namesRegistry(each, domain));
  const auth = createRegistryAuth({
    where,
    repository,
    isPlain,
    get,
    postForm: async (url, form, options = {}) =>
      await askWithRetries(async (asked) => await http.postForm(url, form, asked), url, options, retries),
    ...(credentials && {
      credentials: {
        name: credentials.name,
        find: async (signal?: AbortSignal) => await credentials.find({ domain, repository }, signal),
      },
    }),
  });
  const base = `${isPlain ? 'http' : 'https'}://${domain === 'docker.io' ? DOCKER_HUB_HOST : domain}/v2/${repository}/`;
  return { where, base, auth, get };
}

/** After a second failure, the whole blob is requested instead of parts. */
const MAX_RANGE_ATTEMPTS = 2;

const DOCKER_HUB_HOST = 'registry-1.docker.io';

const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

function refusal(status: number, name: string, where: string): ClairError {
  if (status === 404) {
    const [kind = '', key = name] = name.split('/');
    if (kind !== 'manifests') return new ClairError('bytes/not-found', `${where} has no ${name}`);
    return new ClairError('image/not-found', `no ${key.includes(':') ? 'manifest' : 'tag'} ${key} in ${where}`);
  }
  if (status === 401 || status === 403) {
    return new ClairError('registry/denied', `${where} denied access, or does not exist (${name}: status ${status})`);
  }
  return new ClairError('bytes/unreachable', `${where} responded with status ${status} for ${name}`);
}

/**
 * Returns whether the host of a registry always refers to this machine (RFC 1122 section 3.2.1.3, RFC 4291 section
 * 2.5.3, RFC 6761).
 */
function isLoopback(domain: string): boolean {
  const { hostname } = new URL(`http://${domain}`);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Returns whether a name in a list of registries, `HOST` or `HOST:PORT`, names a registry. */
export function namesRegistry(name: string, domain: string): boolean {
  return name === domain || name === domain.replace(/:\d+$/, '');
}
