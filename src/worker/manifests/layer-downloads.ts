import { fileBytes } from '../../bytes/file-bytes.ts';
import type { HttpClient } from '../../bytes/http/client.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { digestHash } from '../sources/image/digest-hash.ts';
import { layerHeaders } from '../sources/layer-headers.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { createUploadSpool } from '../submissions/upload-spool.ts';
import type { ManifestLayer } from './manifest.ts';

/** A layer with the digest of its bytes. */
export type BlobSource = LayerSource & { readonly digest: Digest };

/** The layers of one manifest, downloaded to temporary files. */
export type LayerDownloads = {
  /**
   * Downloads and verifies a layer. The request starts immediately, because the credentials of clients expire after a
   * minute.
   *
   * @throws ClairError `manifest/layer-unavailable`, `layer/host-not-allowed`, `server/no-room`, `server/disk-full`;
   * the message names the layer and the host, but no path and no query. The abort reason of the signal
   */
  readonly fetch: (layer: ManifestLayer, signal: AbortSignal) => Promise<BlobSource>;
  /** Returns a source that reads the downloaded file; downloads the layer first if necessary. */
  readonly source: (layer: ManifestLayer) => BlobSource;
  /** Deletes the files. */
  readonly close: () => Promise<void>;
};

/** Larger layers exceed the limits of the layer reader. */
const MAX_LAYER_BYTES = 64 * 1024 ** 3;

/** The codes of errors of this server, which the client receives instead of `manifest/layer-unavailable`. */
const OWN_ERRORS: ReadonlySet<string> = new Set(['server/no-room', 'server/disk-full', 'layer/host-not-allowed']);

/** Prepares downloads into `space`; `http` enforces the host policy and the minimum rate. */
export function createLayerDownloads(http: HttpClient, space: TemporarySpace, signal: AbortSignal): LayerDownloads {
  // The HTTP client enforces the minimum rate.
  const bounds = { what: 'layer', maxBytes: MAX_LAYER_BYTES, maxUploads: Number.POSITIVE_INFINITY };
  const spool = createUploadSpool(space, { ...bounds, rate: { bytes: 1, window: 60_000 } });
  const kept = new Map<Digest, BlobSource>();

  async function download(layer: ManifestLayer, stop: AbortSignal): Promise<ByteStream> {
    const answer = await http.get(layer.uri, { headers: layerHeaders(layer.headers), signal: stop });
    if (answer.status === 200) return answer.body;
    throw new ClairError('bytes/unreachable', 'responded with status 304 to an unconditional request');
  }

  const downloads: LayerDownloads = {
    async fetch(layer, stop) {
      const where = placeOf(layer);
      try {
        const { path } = await spool.keep(verified(await download(layer, stop), layer.hash), where);
        const source: BlobSource = {
          where,
          digest: layer.hash,
          open: async () => fileBytes(path),
          file: () => ({ path }),
        };
        kept.set(layer.hash, source);
        return source;
      } catch (error) {
        stop.throwIfAborted();
        throw unavailable(error, layer);
      }
    },
    source: (layer) => ({
      where: placeOf(layer),
      digest: layer.hash,
      open: async (stop = signal) => await (kept.get(layer.hash) ?? (await downloads.fetch(layer, stop))).open(stop),
    }),
    close: () => spool.close(),
  };
  return downloads;
}

async function* verified(bytes: ByteStream, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = digestHash(digest);
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest();
  if (found !== digest) throw new ClairError('bytes/digest-mismatch', `the bytes have the digest ${found}`);
}

function placeOf({ hash, uri }: ManifestLayer): string {
  return `layer ${hash} at ${hostOf(uri)}`;
}

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).host : '(not a URL)';
}

/** Storage paths and queries can be secret, so messages name only hosts. */
function unavailable(error: unknown, layer: ManifestLayer): unknown {
  if (!(error instanceof ClairError)) return error;
  const message = error.message.replaceAll(/https?:\/\/[^\s"']+/g, (address) => hostOf(address));
  const code = OWN_ERRORS.has(error.code) ? error.code : 'manifest/layer-unavailable';
  const { retryAfter } = error;
  return new ClairError(code, `${placeOf(layer)}: ${message}`, { cause: error, retryAfter });
}
