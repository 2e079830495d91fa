import { ClairError } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';
import { createHostGuard, type HostGuard, type ResolveName } from '../host-guard.ts';
import type { HostPolicy } from '../host-policy.ts';
import { basicCredentials } from './credentials.ts';
import type { Exchange, SentRequest } from './exchange.ts';
import type { LeastProgress } from './progress.ts';
import { checkedProxies } from './proxies.ts';
import type { FindCertificates } from './routes.ts';
import { createHttpTransport, type HttpTransport } from './transport.ts';

/** An HTTP client for downloads, with limits of time, rate and redirects. */
export type HttpClient = {
  /**
   * Requests `url` and follows a bounded number of redirects.
   *
   * @throws ClairError `bytes/not-found` for 404 and 410; `bytes/unreachable` for any other failure (name, connection,
   * timeout, abort, status), even while the body is read; no error for a status in `refusals`; `layer/host-not-allowed`
   * before the request if the policy refuses the host or a redirect target. Messages contain the URL without query and
   * credentials. Connection failures have a cause; status failures have no cause.
   */
  readonly get: (url: string, options?: HttpGetOptions) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
};

/** A client that also sends forms, for the OAuth2 endpoints of registries. */
export type HttpFormClient = HttpClient & {
  /**
   * Sends a form in a POST request (`application/x-www-form-urlencoded`). Follows no redirect. Messages contain no
   * field of the form, because the form contains secrets. Otherwise, the method works like `get`.
   */
  readonly postForm: (url: string, form: HttpForm, options?: Omit<HttpGetOptions, 'headers'>) => Promise<HttpAnswer>;
};

export type HttpForm = Readonly<Record<string, string>>;

export type HttpGetOptions = {
  /**
   * Headers to send in addition to Clair's own headers. The headers can replace `user-agent`. After a redirect to
   * another origin, only harmless headers such as `accept` are sent.
   */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /**
   * Requests the rest of an interrupted body. The response contains either the rest (206) or a new, complete body
   * (200).
   */
  readonly resume?: HttpResume;
  /** Requests only this part of the body; the call fails for any response other than this part (206). */
  readonly range?: HttpRange;
  /** The error statuses to return instead of throwing; none by default. */
  readonly refusals?: readonly HttpRefusal[];
};

/**
 * The position at which the transfer of a body was interrupted, and the strong entity tag of the body (RFC 9110 section
 * 13.1.5).
 */
export type HttpResume = { readonly at: number; readonly etag: string };

/** A part of a body in bytes; `end` is exclusive. */
export type HttpRange = { readonly start: number; readonly end: number };

export type HttpRefusal = 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504;

export type HttpAnswer =
  | { readonly status: 200 | 206; readonly headers: Readonly<Record<string, string>>; readonly body: ByteStream }
  | { readonly status: 304 }
  | { readonly status: HttpRefusal; readonly headers: Readonly<Record<string, string>> };

/** The limits of a call; times are in milliseconds. */
export type HttpLimits = {
  readonly connect: number;
  /** The maximum time from the end of the request to the end of the response headers. */
  readonly headers: number;
  /** The maximum time to wait for a chunk of the body, without pauses of the reader. */
  readonly bodyIdle: number;
  /** The minimum progress of the body; no minimum when undefined. */
  readonly progress?: LeastProgress | undefined;
  /** The maximum time from the call to the end of the body, including redirects. */
  readonly total: number;
  readonly redirects: number;
};

/** The default minimum rate, in bytes per second. */
const DEFAULT_MINIMUM_RATE = 1024;

/** The period over which a rate is measured, in milliseconds; long enough that a connection can stall for seconds. */
const RATE_WINDOW_MS = 30_000;

function leastProgress(rate: number): LeastProgress | undefined {
  return rate === 0 ? undefined : { bytes: (rate * RATE_WINDOW_MS) / 1000, window: RATE_WINDOW_MS };
}

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
  /** The minimum rate of a body in bytes per second, measured over 30 s; 1024 by default, and 0 for no minimum. */
  readonly minimumRate?: number | undefined;
  /** The host policy for every address, including redirect targets; if absent, every host is allowed. */
  readonly policy?: HostPolicy;
  /** The resolver of host names for the policy; the resolver of the system by default. */
  readonly resolveName?: ResolveName;
  /** Returns the CA certificates for a host that apply in addition to Node's CA certificates; none by default. */
  readonly findCertificates?: FindCertificates;
};

/**
 * Creates a client that keeps connections open and uses the proxies from the environment ({@link checkedProxies}).
 * Sends credentials in a URL as basic authentication (RFC 7617). On a redirect to another origin, the client drops the
 * credentials and all headers that may be secret, and keeps harmless headers such as `accept`, `if-none-match` and
 * `range`. Closing the client aborts running requests.
 *
 * The policy checks the address of the connection. With a proxy, the policy checks the address to which the name
 * resolves on this machine. The policy does not check the proxy's own address, because the operator chooses the proxy.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is not a URL.
 */
export function createHttpClient(options: HttpClientOptions): HttpFormClient {
  const progress = leastProgress(options.minimumRate ?? DEFAULT_MINIMUM_RATE);
  const limits = { ...DEFAULT_HTTP_LIMITS, progress, ...options.limits };
  const guard = options.policy && createHostGuard(options.policy, options.resolveName);
  const transport = createHttpTransport({
    limits: { ...limits, body: { idle: limits.bodyIdle, least: limits.progress } },
    findProxy: checkedProxies(),
    ...(guard && { lookup: guard.lookup }),
    ...(options.findCertificates && { findCertificates: options.findCertificates }),
  });
  const connection: Connection = { limits, guard, transport, userAgent: `clair/${options.version}` };
  return {
    get: (url, getOptions = {}) => get(connection, url, getOptions),
    postForm: (url, form, postOptions = {}) => postForm(connection, url, form, postOptions),
    close: transport.close,
  };
}

/** Returns a URL for logs, without the credentials and without the query, which can contain a token. */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

type Headers = Readonly<Record<string, string>>;

type Connection = {
  readonly limits: HttpLimits;
  readonly guard: HostGuard | undefined;
  readonly transport: HttpTransport;
  readonly userAgent: string;
};

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const NOT_FOUND: ReadonlySet<number> = new Set([404, 410]);

/** The headers for content negotiation, conditional requests and ranges. Any other header can contain a secret. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'if-range',
  'range',
]);

async function get(connection: Connection, url: string, options: HttpGetOptions): Promise<HttpAnswer> {
  const signal = boundedSignal(connection, options.signal);
  const own = { 'user-agent': connection.userAgent };
  let address = parseAddress(url);
  let headers: Headers = {
    ...own,
    ...credentials(address),
    ...lowerCased(options.headers),
    ...rangeHeaders(options),
  };
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(connection, address, { method: 'GET', headers, signal });
    const answer = await wantedAnswer(response, address, options);
    if (answer !== undefined) return answer;
    if (!REDIRECTS.has(response.status)) throw refusal(address, response.status);
    if (redirects === connection.limits.redirects) throw unreachable(address, `more than ${redirects} redirects`);
    const target = redirectTarget(address, response.headers['location']);
    if (target.origin !== address.origin) headers = { ...own, ...harmless(headers) };
    address = target;
  }
}

async function postForm(
  connection: Connection,
  url: string,
  form: HttpForm,
  options: Omit<HttpGetOptions, 'headers'>,
): Promise<HttpAnswer> {
  const signal = boundedSignal(connection, options.signal);
  const address = parseAddress(url);
  const headers = {
    'user-agent': connection.userAgent,
    ...credentials(address),
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = new URLSearchParams(form).toString();
  const response = await send(connection, address, { method: 'POST', headers, body, signal });
  const answer = await wantedAnswer(response, address, options);
  if (answer === undefined) throw refusal(address, response.status);
  return answer;
}

function boundedSignal({ limits }: Connection, signal: AbortSignal | undefined): AbortSignal {
  const timer = AbortSignal.timeout(limits.total);
  return signal ? AbortSignal.any([timer, signal]) : timer;
}

async function wantedAnswer(
  { status, headers, body, passOver }: Exchange,
  address: URL,
  { refusals, resume, range }: Pick<HttpGetOptions, 'refusals' | 'resume' | 'range'>,
): Promise<HttpAnswer | undefined> {
  const isWhole = status === 200 && range === undefined;
  if (isWhole || (status === 206 && (resume !== undefined || range !== undefined))) {
    return { status, headers, body: readBody(body, address) };
  }
  await passOver();
  if (status === 200) throw unreachable(address, 'the server returned the whole body instead of the requested part');
  if (status === 304) return { status: 304 };
  const wanted = refusals?.find((each) => each === status);
  return wanted === undefined ? undefined : { status: wanted, headers };
}

async function send({ guard, transport }: Connection, address: URL, sent: SentRequest): Promise<Exchange> {
  try {
    await guard?.check(address, sent.signal);
    return await transport.send(address, sent);
  } catch (error) {
    if (error instanceof ClairError) throw error;
    throw unreachable(address, reasonOf(error), error);
  }
}

async function* readBody(body: ByteStream, address: URL): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw unreachable(address, `the response was truncated: ${reasonOf(error)}`, error);
  }
}

function parseAddress(url: string): URL {
  // The error contains neither the URL nor a cause, because both can contain a password.
  if (!URL.canParse(url)) throw new ClairError('bytes/unreachable', 'the address is not a valid http: or https: URL');
  const address = new URL(url);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    throw unreachable(address, 'only http and https addresses can be read');
  }
  return address;
}

function redirectTarget(address: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, address.href)) {
    throw unreachable(address, 'the response is a redirect without a valid Location header');
  }
  return parseAddress(new URL(location, address).href);
}

function credentials(address: URL): Headers {
  const authorization = basicCredentials(address);
  return authorization === undefined ? {} : { authorization };
}

function rangeHeaders({ resume, range }: HttpGetOptions): Headers {
  if (resume !== undefined) return { range: `bytes=${resume.at}-`, 'if-range': resume.etag };
  // Without `identity`, the server could return a part of the encoded body.
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}`, 'accept-encoding': 'identity' };
}

function harmless(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.has(name)));
}

function lowerCased(headers: Headers = {}): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function refusal(address: URL, status: number): ClairError {
  const code = NOT_FOUND.has(status) ? 'bytes/not-found' : 'bytes/unreachable';
  return new ClairError(code, `${shownAddress(address.href)} responded with status ${status}`);
}

function unreachable(address: URL, reason: string, cause?: unknown): ClairError {
  return new ClairError('bytes/unreachable', `cannot read ${shownAddress(address.href)}: ${reason}`, { cause });
}

/**
 * Describes why a request failed. Without a message, the code is the reason: a connection to a name with several
 * addresses fails with an AggregateError that has a code but no message.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
