import { unescape } from 'node:querystring';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';
import { createHostGuard, type HostGuard, type ResolveName } from './host-guard.ts';
import type { HostPolicy } from './host-policy.ts';

/** Plain HTTP GET with bounds; everything above `bytes` that reads from a URL goes through one of these. */
export type HttpClient = {
  /**
   * Requests `url` and follows a bounded number of redirects.
   *
   * @throws ClairError `bytes/not-found` for 404 and 410, `bytes/unreachable` for any other failure (name, connection,
   * time-out, status that is no wanted refusal); also while the body is read. Messages hold the address without query
   * string and credentials. A failure of the connection has a cause, a status has none.
   * `layer/host-not-allowed` when the policy refuses its host, or one that it redirects to; no request is sent there.
   */
  readonly get: (url: string, options?: HttpGetOptions) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
};

export type HttpGetOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** The refusals that are answers to this request, and no errors; none by default. */
  readonly refusals?: readonly HttpRefusal[];
};

/** The statuses by which a server refuses, that a caller may want to react to. */
export type HttpRefusal = 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504;

export type HttpAnswer =
  | { readonly status: 200; readonly headers: Readonly<Record<string, string>>; readonly body: ByteStream }
  | { readonly status: 304 }
  | { readonly status: HttpRefusal; readonly headers: Readonly<Record<string, string>> };

/** The bounds of one `get`; times are in milliseconds. */
export type HttpLimits = {
  readonly connect: number;
  /** From the request that was sent to the end of the answer's headers. */
  readonly headers: number;
  /** Between two chunks of the body; does not run while the reader holds the body back. */
  readonly bodyIdle: number;
  /** From the call to the end of the body, redirects and all. */
  readonly total: number;
  readonly redirects: number;
};

const DEFAULT_HTTP_LIMITS: HttpLimits = {
  connect: 10_000,
  headers: 30_000,
  bodyIdle: 30_000,
  total: 30 * 60_000,
  redirects: 5,
};

export type HttpClientOptions = {
  /** The version of Clair, for the `user-agent` header (RFC 9110 section 10.1.5). */
  readonly version: string;
  readonly limits?: Partial<HttpLimits>;
  /** Holds for every address, those of redirects too; without it any host is asked. */
  readonly policy?: HostPolicy;
  /** How the policy learns where a name points to; the system's resolver by default. */
  readonly resolveName?: ResolveName;
};

/**
 * Makes a client that keeps connections open between requests. It goes through the proxies that the environment names
 * (`http_proxy`, `https_proxy`, `no_proxy`, also in capitals). Credentials in a URL are sent as basic authentication
 * (RFC 7617); neither they nor an `authorization` header follow a redirect to another origin. Closing it cuts off what
 * is under way.
 *
 * A policy is held against the address that is connected to. Where a proxy is in between, it is held against what the
 * name resolves to here; where the proxy then connects to is the proxy's to decide. The proxy itself is the operator's,
 * and is not judged.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is no URL.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const guard = options.policy && createHostGuard(options.policy, options.resolveName);
  const dispatcher = openDispatcher(limits, guard);
  const connection: Connection = { limits, guard, dispatcher, userAgent: `clair/${options.version}` };
  return {
    get: (url, getOptions = {}) => get(connection, url, getOptions),
    close: () => connection.dispatcher.destroy(),
  };
}

/** The part of a URL that may be shown and logged: neither credentials nor the query string, which may hold a token. */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

type Headers = Readonly<Record<string, string>>;

type Connection = {
  readonly limits: HttpLimits;
  readonly guard: HostGuard | undefined;
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
};

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const NOT_FOUND: ReadonlySet<number> = new Set([404, 410]);

/** What must not be sent to another origin than the one it was meant for (Fetch standard, "HTTP-redirect fetch"). */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

function openDispatcher(limits: HttpLimits, guard: HostGuard | undefined): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      connect: { timeout: limits.connect, ...(guard && { lookup: guard.lookup }) },
      headersTimeout: limits.headers,
      bodyTimeout: limits.bodyIdle,
    });
  } catch {
    // The cause is left out: it holds the value, and with it perhaps a password.
    throw new ClairError('bytes/unreachable', 'the environment names a proxy that is not a URL');
  }
}

async function get(connection: Connection, url: string, options: HttpGetOptions): Promise<HttpAnswer> {
  const timer = AbortSignal.timeout(connection.limits.total);
  const signal = options.signal ? AbortSignal.any([timer, options.signal]) : timer;
  let address = parseAddress(url);
  let headers: Headers = {
    ...credentials(address),
    ...lowerCased(options.headers),
    'user-agent': connection.userAgent,
  };
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(connection, address, headers, signal);
    const answered = joined(answer.headers);
    if (answer.statusCode === 200) return { status: 200, headers: answered, body: readBody(answer.body, address) };
    await answer.body.dump();
    if (answer.statusCode === 304) return { status: 304 };
    const wanted = options.refusals?.find((status) => status === answer.statusCode);
    if (wanted !== undefined) return { status: wanted, headers: answered };
    if (!REDIRECTS.has(answer.statusCode)) throw refusal(address, answer.statusCode);
    if (redirects === connection.limits.redirects) throw unreachable(address, `more than ${redirects} redirects`);
    const target = redirectTarget(address, answered['location']);
    if (target.origin !== address.origin) headers = withoutSecrets(headers);
    address = target;
  }
}

async function send(
  connection: Connection,
  address: URL,
  headers: Headers,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    await connection.guard?.check(address, signal);
    return await request(address, { dispatcher: connection.dispatcher, headers, signal });
  } catch (error) {
    if (error instanceof ClairError) throw error;
    throw unreachable(address, reasonOf(error), error);
  }
}

async function* readBody(body: ByteStream, address: URL): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw unreachable(address, `the answer was cut off: ${reasonOf(error)}`, error);
  }
}

function parseAddress(url: string): URL {
  // What does not parse is not shown, and is no cause either: it may hold a password.
  if (!URL.canParse(url)) throw new ClairError('bytes/unreachable', 'the address is not a URL');
  const address = new URL(url);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    throw unreachable(address, 'only http and https addresses can be read');
  }
  return address;
}

function redirectTarget(address: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, address.href)) {
    throw unreachable(address, 'it redirects, but does not say where to');
  }
  return parseAddress(new URL(location, address).href);
}

function credentials(address: URL): Headers {
  if (address.username === '' && address.password === '') return {};
  const pair = `${unescape(address.username)}:${unescape(address.password)}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

function withoutSecrets(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name)));
}

function lowerCased(headers: Headers = {}): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Header fields by lower-case name; of a field that came several times the values are joined (RFC 9110 section 5.3). */
function joined(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
}

function refusal(address: URL, status: number): ClairError {
  const code = NOT_FOUND.has(status) ? 'bytes/not-found' : 'bytes/unreachable';
  return new ClairError(code, `${shownAddress(address.href)} answered with status ${status}`);
}

function unreachable(address: URL, reason: string, cause?: unknown): ClairError {
  return new ClairError('bytes/unreachable', `${shownAddress(address.href)} cannot be read: ${reason}`, { cause });
}

/** Why a request failed. A name with several addresses fails with an AggregateError that has a code but no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
