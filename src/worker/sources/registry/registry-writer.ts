import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { Exchange, SentRequest } from '../../../bytes/http/exchange.ts';
import type { HttpRequester } from '../../../bytes/http/requester.ts';
import { isPassing, MAX_ATTEMPTS, pauseOfClock } from '../../../bytes/http/retries.ts';
import { ClairError } from '../../../errors.ts';
import { openRegistryRepository, type RegistryAccess } from './registry-client.ts';

/** Writes to one repository of a registry (distribution-spec, "Push"). */
export type RegistryWriter = {
  /**
   * Uploads a blob, unless the repository has the blob already. Returns whether the blob was uploaded.
   *
   * @throws ClairError `registry/denied`, `registry/credentials-invalid`; `registry/refused` for any other response;
   * `bytes/unreachable`; the errors of `open`; the abort reason of the signal
   */
  readonly putBlob: (blob: PushedBlob, signal: AbortSignal) => Promise<boolean>;
  /** Stores a manifest under a tag or its digest; throws as `putBlob` does. */
  readonly putManifest: (reference: string, manifest: PushedManifest, signal: AbortSignal) => Promise<void>;
};

export type PushedBlob = {
  readonly digest: string;
  readonly size: number;
  /** Opens the bytes from `start` up to `end`, exclusive. */
  readonly open: (start: number, end: number) => ByteStream;
};

export type PushedManifest = { readonly mediaType: string; readonly bytes: Uint8Array };

/** Larger blobs are uploaded in several requests, because registries and proxies limit the size of a request. */
const CHUNK_BYTES = 32 * 1024 * 1024;

const FIRST_PAUSE_MS = 500;

/** Creates a writer; `access.requester` must trust the same certificates as `access.http`. */
export function createRegistryWriter(
  domain: string,
  repository: string,
  access: Omit<RegistryAccess, 'mirrors'> & { readonly requester: HttpRequester },
  chunkBytes: number = CHUNK_BYTES,
): RegistryWriter {
  const { where, base, auth } = openRegistryRepository(domain, repository, access);
  const pause = access.pause ?? pauseOfClock;

  /**
   * Sends a request, and sends it again with credentials if the registry requires them. Only the registry receives
   * credentials.
   */
  async function send(url: string, request: Request, signal: AbortSignal): Promise<Exchange> {
    const isOwn = new URL(url).origin === new URL(base).origin;
    for (let isAgain = false; ; isAgain = true) {
      const authorization = isOwn ? auth.header() : undefined;
      const response = await access.requester.send(url, {
        method: request.method,
        headers: { ...request.headers, ...(authorization !== undefined && { authorization }) },
        body: request.body?.(),
        signal,
      });
      await response.passOver();
      if (response.status !== 401 || isAgain || !isOwn) return response;
      await auth.answer(response.headers['www-authenticate'] ?? '', authorization, signal);
    }
  }

  async function upload({ digest, size, open }: PushedBlob, signal: AbortSignal): Promise<void> {
    const begun = await send(`${base}blobs/uploads/`, { method: 'POST', headers: EMPTY }, signal);
    let place = placeOf(accepted(begun, 202, where), base, where);
    if (size <= chunkBytes) {
      const headers = { 'content-type': BYTES, 'content-length': String(size) };
      const request: Request = { method: 'PUT', headers, body: () => open(0, size) };
      accepted(await send(withDigest(place, digest), request, signal), 201, where);
      return;
    }
    for (let start = 0; start < size; start += chunkBytes) {
      const end = Math.min(start + chunkBytes, size);
      const headers = {
        'content-type': BYTES,
        'content-length': String(end - start),
        'content-range': `${start}-${end - 1}`,
      };
      const request: Request = { method: 'PATCH', headers, body: () => open(start, end) };
      place = placeOf(accepted(await send(place, request, signal), 202, where), place, where);
    }
    accepted(await send(withDigest(place, digest), { method: 'PUT', headers: EMPTY }, signal), 201, where);
  }

  /** Repeats work on transient failures; an upload starts over. */
  async function repeated<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const isTransient = isPassing(error) || error instanceof TransientRefusal;
        if (!isTransient || attempt === MAX_ATTEMPTS || signal.aborted) throw error;
      }
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
    }
  }

  return {
    async putBlob(blob, signal) {
      return await repeated(signal, async () => {
        const known = await send(`${base}blobs/${blob.digest}`, { method: 'HEAD', headers: {} }, signal);
        if (known.status === 200) return false;
        await upload(blob, signal);
        return true;
      });
    },
    async putManifest(reference, { mediaType, bytes }, signal) {
      const headers = { 'content-type': mediaType, 'content-length': String(bytes.length) };
      const request: Request = { method: 'PUT', headers, body: () => bytes };
      await repeated(signal, async () =>
        accepted(await send(`${base}manifests/${reference}`, request, signal), 201, where),
      );
    },
  };
}

type Request = {
  readonly method: SentRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  /** Opens the body; called again when the request is repeated. */
  readonly body?: () => SentRequest['body'];
};

const BYTES = 'application/octet-stream';
const EMPTY = { 'content-length': '0' } as const;

/** A temporary failure: a later attempt may succeed. */
class TransientRefusal extends ClairError {}

function accepted(response: Exchange, wanted: number, where: string): Exchange {
  const { status } = response;
  if (status === wanted) return response;
  if (status === 401 || status === 403) {
    throw new ClairError('registry/denied', `${where} denied the upload (status ${status})`);
  }
  const message = `${where} responded to the upload with status ${status} instead of ${wanted}`;
  if (status === 429 || status >= 500) throw new TransientRefusal('registry/refused', message);
  throw new ClairError('registry/refused', message);
}

/** Returns the absolute URL of the next request of an upload; the registry may send a relative URL. */
function placeOf({ headers }: Exchange, base: string, where: string): string {
  const { location = '' } = headers;
  if (location !== '' && URL.canParse(location, base)) {
    const place = new URL(location, base);
    // A registry behind a proxy may return an address without TLS; nothing must be sent there.
    if (place.protocol === new URL(base).protocol || place.protocol === 'https:') return place.href;
  }
  throw new ClairError(
    'registry/refused',
    `${where} returned no valid upload location: the Location header must be a URL, with https if the registry uses https`,
  );
}

/** Adds the digest to the query, which may have other parameters. */
function withDigest(place: string, digest: string): string {
  const url = new URL(place);
  url.searchParams.set('digest', digest);
  return url.href;
}
