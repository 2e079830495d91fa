import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

/** A registry that serves each layer slowly, and only to logins that are valid at that time. */
export type SlowRegistry = {
  readonly url: string;
  /** Stores an image, and returns the digest of its manifest. */
  readonly image: (layers: readonly BuiltLayer[]) => string;
  /** Stores the layers of a manifest, and returns their digests. */
  readonly layers: (layers: readonly BuiltLayer[]) => readonly string[];
  /** Makes a value of the `Authorization` header valid until it is revoked. */
  readonly login: (authorization: string) => { readonly revoke: () => void };
  /** The downloads of layers in order. */
  readonly downloads: readonly Download[];
  /** The number of requests with a login that was revoked. */
  readonly refused: () => number;
  readonly close: () => Promise<void>;
};

/** A download of a layer; times are in milliseconds since 1970. */
export type Download = {
  readonly digest: string;
  readonly start: number;
  /** Absent while the download runs. */
  end?: number;
  /** Whether the client received all bytes. */
  isComplete: boolean;
};

/**
 * Starts a registry.
 *
 * @param pause returns the duration of a download in milliseconds
 */
export async function startSlowRegistry(pause: () => number): Promise<SlowRegistry> {
  const registry = await startRegistryServer();
  const contents = new Map<string, Buffer>();
  const logins = new Set<string>();
  const downloads: Download[] = [];
  let refused = 0;

  registry.intercept = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (!logins.has(request.headers.authorization ?? '')) {
      if (request.headers.authorization !== undefined) refused += 1;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end('{"errors": []}');
      return true;
    }
    const digest = /blobs\/(sha256:[0-9a-f]{64})/.exec(request.url ?? '')?.[1] ?? '';
    const content = contents.get(digest);
    if (content === undefined) return false;
    const download: Download = { digest, start: Date.now(), isComplete: false };
    downloads.push(download);
    response.on('close', () => {
      download.end = Date.now();
      download.isComplete = response.writableFinished;
    });
    // The first bytes arrive at once, so that the broken connection of a killed client is detected.
    response.write(content.subarray(0, 1));
    setTimeout(() => response.end(content.subarray(1)), pause());
    return true;
  };

  function layers(built: readonly BuiltLayer[]): readonly string[] {
    return built.map(({ tar }) => {
      const content = gzipSync(tar);
      const { digest } = registry.blob(content);
      contents.set(digest, content);
      return digest;
    });
  }

  return {
    url: `http://${registry.domain}`,
    image(built) {
      layers(built);
      return registry.image(built, { docker: true }).digest;
    },
    layers,
    login(authorization) {
      logins.add(authorization);
      return { revoke: () => void logins.delete(authorization) };
    },
    downloads,
    refused: () => refused,
    close: () => registry.close(),
  };
}

/**
 * Returns the layers that two clients downloaded at the same time, and the layers that were downloaded again although
 * the previous download was complete and nothing had been killed since its start.
 *
 * @param kills the times at which instances were killed, in milliseconds since 1970
 */
export function repeatedDownloads(downloads: readonly Download[], kills: readonly number[]): readonly string[] {
  const faults: string[] = [];
  const earlier = new Map<string, Download>();
  for (const download of downloads) {
    const { digest, start } = download;
    const before = earlier.get(digest);
    earlier.set(digest, download);
    if (before === undefined) continue;
    const between = `${digest} at ${before.start} until ${before.end}, and at ${start}`;
    if (before.end === undefined || before.end > start) faults.push(`twice at once: ${between}`);
    else if (before.isComplete && !kills.some((kill) => kill >= before.start && kill <= start)) {
      faults.push(`again: ${between}`);
    }
  }
  return faults;
}
