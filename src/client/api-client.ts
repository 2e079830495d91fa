import { allBytes } from '../bytes/all-bytes.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { type CertificateFiles, readCertificates } from '../bytes/certificate-files.ts';
import { isPassing, type Pause, pauseOfClock } from '../bytes/http/retries.ts';
import { createHttpSender, type HttpRequest, type HttpResponse } from '../bytes/http/sender.ts';
import { asClairError, ClairError } from '../errors.ts';
import { refusalOf } from './refusal.ts';

/** Asks a Clair server by its API `/v2`. What it refuses is thrown in its own words (`refusalOf`). */
export type ApiClient = {
  /** The address of the server, for messages. */
  readonly server: string;
  /**
   * Asks for JSON; up to four times when the server cannot be reached or is busy.
   *
   * @throws ClairError `server/unreachable`, `server/unexpected-answer` for what is no JSON or too large
   */
  readonly get: (path: string, options: GetOptions) => Promise<unknown>;
  /** Sends something once, and gives the JSON of the answer. @throws as `get` */
  readonly post: (path: string, sent: Posted) => Promise<unknown>;
  /** Asks for server-sent events once; they end when the server ends them. @throws as `get`, also while they are read */
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
  /** The address of the server, without `/v2`; a path is what a proxy has it below. */
  readonly address: string;
  /** A bearer token (RFC 6750), which the server gets with every request. */
  readonly token?: string | undefined;
  readonly certificates?: CertificateFiles;
  /** The version of Clair, for the `user-agent` header. */
  readonly version: string;
  /** How to wait before asking again; by the clock when absent. */
  readonly pause?: Pause;
};

/** A page of a hundred images has some 50 KB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Makes a client of a server.
 *
 * @throws ClairError `cli/usage` for an address or a token that cannot be one, without showing the token; `config/invalid` for
 * certificate files that cannot be used
 */
export async function openApiClient(options: ApiClientOptions): Promise<ApiClient> {
  const { token, version, certificates = {}, pause = pauseOfClock } = options;
  const server = checkedAddress(options.address);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ClairError(
      'cli/usage',
      'the token for the server is none: it must be one word of letters, digits and signs',
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
      throw new ClairError('server/unexpected-answer', `${server}${request.path} answers more than ${maxBytes} bytes`);
    }
    try {
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      return value;
    } catch (error) {
      throw asClairError(error, 'server/unexpected-answer', `${server}${request.path} answers no JSON`);
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
      throw new ClairError('server/unexpected-answer', `${server}${path} answers no events`);
    },
    close: sender.close,
  };
}

/** Tells whether asking again may help: the connection failed in a way that passes, or the server is busy. */
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

/** Of what went wrong with the connection, an error of the server; all else is what it is. */
function unreachable(server: string, error: unknown): unknown {
  if (!(error instanceof ClairError) || error.code !== 'bytes/unreachable') return error;
  const { cause } = error;
  const reason = cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : error.message;
  return new ClairError('server/unreachable', `${server} gave no answer: ${reason}`, { cause: error });
}

/** Without `/` at its end. */
function checkedAddress(text: string): string {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !['http:', 'https:'].includes(address.protocol)) {
    throw new ClairError('cli/usage', 'the address of the server must be an http: or https: URL');
  }
  if (address.username !== '' || address.password !== '') {
    throw new ClairError('cli/usage', 'the address of the server may hold no password: who asks is told by a token');
  }
  if (address.search !== '' || address.hash !== '') {
    throw new ClairError('cli/usage', 'the address of the server may have no ? and no #');
  }
  return address.href.replace(/\/+$/, '');
}
