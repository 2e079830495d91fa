import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { allBytes } from '../../../bytes/all-bytes.ts';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { reasonOf } from '../../../bytes/http/client.ts';
import { type Exchange, exchange, type ExchangeLimits } from '../../../bytes/http/exchange.ts';
import { ClairError } from '../../../errors.ts';
import type { Platform } from '../image/platform.ts';
import { type DaemonAddress, daemonAddressText } from './daemon-address.ts';
import { withoutDaemonError } from './saved-stream.ts';

/** The requests to one daemon, each for an image with a given name or ID. */
export type DaemonClient = {
  /**
   * Describes the image.
   *
   * @param platform the wanted platform, as JSON of the OCI image specification; ignored by daemons before API 1.49
   * @throws ClairError `image/not-found`, `daemon/…`
   */
  readonly findImage: (name: string, platform?: string) => Promise<DaemonImage>;
  /**
   * Streams the image in the format of `docker save`.
   *
   * @param platform the wanted platform, as JSON of the OCI image specification; ignored by daemons before API 1.48
   * @throws ClairError `image/not-found`, `daemon/…`, also while the stream is read
   */
  readonly saveImage: (name: string, platform: string | undefined) => Promise<ByteStream>;
  readonly close: () => void;
};

/** The description of an image in a daemon. */
export type DaemonImage = {
  /** A digest, in Podman without `sha256:`. */
  readonly id: string;
  /** The names with tags; in Podman always with the registry. */
  readonly names: readonly string[];
  /** Absent if the daemon does not state the platform. */
  readonly platform?: Platform;
};

/** The time limits of requests to a daemon, in milliseconds. */
export type DaemonLimits = ExchangeLimits & {
  /** The maximum time of a request with its response; 2 hours by default. */
  readonly total?: number;
};

/** The maximum size of an image description or an error response from a daemon. */
const MAX_JSON_BYTES = 8 * 1024 ** 2;

/** Docker copies all layers before it sends the first byte, so the response starts late and may pause. */
const LIMITS: DaemonLimits = { connect: 10_000, headers: 10 * 60_000, body: { idle: 10 * 60_000 } };
const TOTAL_MS = 2 * 60 * 60_000;

/**
 * Creates the client of a daemon that serves the Docker Engine API (docs.docker.com/reference/api/engine), as Docker
 * and Podman do. Requests name no version of the API, so that daemons of any age respond in their own version.
 */
export function createDaemonClient(
  address: DaemonAddress,
  { signal, limits = LIMITS }: { readonly signal?: AbortSignal | undefined; readonly limits?: DaemonLimits },
): DaemonClient {
  const where = daemonAddressText(address);
  const tls = 'socket' in address ? undefined : address.tls;
  const settings: object = { ...tls };
  const agent = tls === undefined ? new HttpAgent() : new HttpsAgent(settings);
  const closing = new AbortController();

  async function get(path: string): Promise<Exchange> {
    const route = {
      encrypted: tls !== undefined,
      path,
      agent,
      headers: {},
      ...('socket' in address
        ? { host: 'localhost', port: '', socketPath: address.socket }
        : { host: address.host, port: address.port }),
    };
    const timer = AbortSignal.timeout(limits.total ?? TOTAL_MS);
    const sent = { method: 'GET', headers: {}, signal: signal ? AbortSignal.any([signal, timer]) : timer } as const;
    try {
      return await exchange(route, sent, limits, closing.signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(where, error);
    }
  }

  async function* bytesOf(body: ByteStream): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      signal?.throwIfAborted();
      const message = `the daemon at ${where} stopped sending the response: ${reasonOf(error)}`;
      throw new ClairError('daemon/failed', message, { cause: error });
    }
  }

  async function wanted(name: string, path: string): Promise<ByteStream> {
    const { status, body } = await get(path);
    if (status === 200) return bytesOf(body);
    const message = messageOf(await allBytes(bytesOf(body), MAX_JSON_BYTES));
    if (status === 404 && message !== undefined && message !== UNKNOWN_PATH) {
      throw new ClairError('image/not-found', `the daemon at ${where} has no image ${name}: ${message}`);
    }
    const reason = message === undefined || message === UNKNOWN_PATH ? OUTDATED : `: ${message}`;
    throw new ClairError('daemon/failed', `the daemon at ${where} responded with status ${status}${reason}`);
  }

  return {
    async findImage(name, platform) {
      const body = await wanted(name, `/images/${name}/json${platformQuery(platform)}`);
      const description = await allBytes(body, MAX_JSON_BYTES);
      const image = imageOf(description);
      if (image !== undefined) return image;
      const what =
        description === undefined
          ? `exceeds ${MAX_JSON_BYTES} bytes`
          : 'does not conform to the Docker Engine API: update the daemon';
      throw new ClairError('daemon/failed', `the daemon at ${where} returned a description of ${name} that ${what}`);
    },
    async saveImage(name, platform) {
      const body = await wanted(name, `/images/${name}/get${platformQuery(platform)}`);
      return withoutDaemonError(body, where);
    },
    close() {
      closing.abort(new Error('the client was closed'));
      agent.destroy();
    },
  };
}

function platformQuery(platform: string | undefined): string {
  return platform === undefined ? '' : `?platform=${encodeURIComponent(platform)}`;
}

/** Docker's message for a path outside its API (moby, api/server/server.go). */
const UNKNOWN_PATH = 'page not found';

const OUTDATED = ' instead of a response of the Docker Engine API: update the daemon';

/** Error responses of the Engine API ("ErrorResponse"). */
const ERROR = Type.Object({ message: Type.String() });

/** Returns the message of an error response; undefined if the response has another form. */
function messageOf(body: Buffer | undefined): string | undefined {
  const error = jsonOf(body);
  return Value.Check(ERROR, error) ? error.message : undefined;
}

/** Descriptions of images ("ImageInspect"). */
const IMAGE = Type.Object({
  Id: Type.String(),
  RepoTags: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  Os: Type.Optional(Type.String()),
  Architecture: Type.Optional(Type.String()),
  Variant: Type.Optional(Type.String()),
});

function imageOf(body: Buffer | undefined): DaemonImage | undefined {
  const image = jsonOf(body);
  if (!Value.Check(IMAGE, image)) return undefined;
  const { Id: id, RepoTags: names, Os: os, Architecture: architecture, Variant: variant } = image;
  const hasPlatform = os !== undefined && architecture !== undefined;
  return {
    id,
    names: names ?? [],
    ...(hasPlatform && { platform: variant ? { os, architecture, variant } : { os, architecture } }),
  };
}

/** Returns undefined for invalid JSON. */
function jsonOf(body: Buffer | undefined): unknown {
  try {
    return JSON.parse((body ?? '').toString());
  } catch {
    return undefined;
  }
}

/** The reasons for failed connections, by the error code of the operating system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the socket does not exist',
  EACCES: 'permission denied: run the command as a user with access to the socket',
  ECONNREFUSED: 'no daemon is listening',
  ENOTSOCK: 'the file is not a socket',
};

function unreachable(where: string, error: unknown): ClairError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = `cannot reach the daemon at ${where}: ${REASONS[code] ?? reasonOf(error)}`;
  return new ClairError('daemon/unreachable', message, { cause: error });
}
