import { allBytes } from '../bytes/all-bytes.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { type CertificateFiles, readCertificates } from '../bytes/certificate-files.ts';
import { isPassing, type Pause, pauseOfClock } from '../bytes/http/retries.ts';
import { createHttpSender, type HttpRequest, type HttpResponse } from '../bytes/http/sender.ts';
import { asClairError, ClairError } from '../errors.ts';
import { refusalOf } from './refusal.ts';

/**
 * A client of the `/v2` API of a Clair server. If the server returns an error, the methods throw the error with the
 * server's message (`refusalOf`).
 */
export type ApiClient = {
  /** The address of the server, for messages. */
  readonly server: string;
  /**
   * Requests JSON, with up to four attempts if the server is unreachable or busy.
   *
   * @throws ClairError `server/unreachable`, `server/unexpected-answer` for a response that is not JSON or is too large
   */
  readonly get: (path: string, options: GetOptions) => Promise<unknown>;
  /** Sends a body once, and returns the JSON of the response. @throws the errors of `get` */
  readonly post: (path: string, sent: Posted) => Promise<unknown>;
  /**
   * Requests server-sent events once, and returns the stream.
   * @throws the errors of `get`, even while the caller reads the stream
   */
  readonly events: (path: string, signal: AbortSignal) => Promise<ByteStream>;
  readonly close: () => Promise<void>;
};

export type GetOptions = { readonly signal: AbortSignal; readonly maxBytes?: number };

export type Posted = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ByteStream;
  readonly signal: AbortSignal;
};

export type ApiClientOptions = {
  /** The address of the server without `/v2`, with the path prefix of a proxy. */
  readonly address: string;
  /** The bearer token (RFC 6750) of every request. */
  readonly token?: string | undefined;
  readonly certificates?: CertificateFiles;
  /** The version of Clair, for the `user-agent` header. */
  readonly version: string;
  /** Waits before a retry; a real timer by default. */
  readonly pause?: Pause;
};

/** The size limit of a response; a page of a hundred images is about 50 KB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Opens a client of a server.
 *
 * @throws ClairError `cli/usage` for an invalid address or token, with a message without the token; `config/invalid`
 * for unusable certificate files
 */
export async function openApiClient(options: ApiClientOptions): Promise<ApiClient> {
  const { token, version, certificates = {}, pause = pauseOfClock } = options;
  const server = checkedAddress(options.address);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ClairError(
      'cli/usage',
      'the token for the server is invalid: it must be one word of printable ASCII characters',
    );
  }
  const sender = createHttpSender({
    address: server,
    headers: {
      'user-agent': `clair/${version}`,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    certificates: await readCertificates(certificates, 'client'),
  });

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const answer = await sender.send(request).catch((error: unknown) => {
      throw unreachable(server, error);
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw await refusalOf(server, answer);
  }

  async function json(request: HttpRequest, maxBytes: number): Promise<unknown> {
    const { body } = await send({ ...request, headers: { accept: 'application/json', ...request.headers } });
    const bytes = await allBytes(body, maxBytes).catch((error: unknown) => {
      throw unreachable(server, error);
    });
    if (bytes === undefined) {
      throw new ClairError(
        'server/unexpected-answer',
        `the response from ${server}${request.path} exceeds ${maxBytes} bytes`,
      );
    }
    try {
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      return value;
    } catch (error) {
      throw asClairError(error, 'server/unexpected-answer', `the response from ${server}${request.path} is not JSON`);
    }
  }

  return {
    server,
    async get(path, { signal, maxBytes = MAX_ANSWER_BYTES }) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await json({ method: 'GET', path, signal }, maxBytes);
        } catch (error) {
          if (attempt === MAX_ATTEMPTS || signal.aborted || !mayPass(error)) throw error;
          await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
        }
      }
    },
    post: async (path, sent) => await json({ method: 'POST', path, ...sent }, MAX_ANSWER_BYTES),
    async events(path, signal) {
      const { headers, body } = await send({ method: 'GET', path, headers: { accept: 'text/event-stream' }, signal });
      if (headers['content-type']?.startsWith('text/event-stream') === true) return unbrokenOr(body, server);
      throw new ClairError('server/unexpected-answer', `the response from ${server}${path} is not an event stream`);
    },
    close: sender.close,
  };
}

/** Returns whether a retry can succeed, because the connection failed temporarily or the server is busy. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ClairError)) return false;
  return error.kind === 'busy' || (error.code === 'server/unreachable' && isPassing(error.cause));
}

async function* unbrokenOr(body: ByteStream, server: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw unreachable(server, error);
  }
}

/** Converts a connection failure to `server/unreachable`; returns any other error unchanged. */
function unreachable(server: string, error: unknown): unknown {
  if (!(error instanceof ClairError) || error.code !== 'bytes/unreachable') return error;
  const { cause } = error;
  const reason = cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : error.message;
  return new ClairError('server/unreachable', `${server} does not respond: ${reason}`, { cause: error });
}

/** Returns the address without a trailing slash. @throws ClairError `cli/usage` */
function checkedAddress(text: string): string {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !['http:', 'https:'].includes(address.protocol)) {
    throw new ClairError(
      'cli/usage',
      'the server address must be an http: or https: URL, such as https://clair.example:6060',
    );
  }
  if (address.username !== '' || address.password !== '') {
    throw new ClairError(
      'cli/usage',
      'the server address must not contain a user or password: use --token-file or CLAIR_TOKEN',
    );
  }
  if (address.search !== '' || address.hash !== '') {
    throw new ClairError('cli/usage', 'the server address must not contain ? or #');
  }
  return address.href.replace(/\/+$/, '');
}
