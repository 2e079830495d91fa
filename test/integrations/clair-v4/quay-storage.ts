import { gzipSync } from 'node:zlib';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

/** A manifest as Quay posts it. */
export type PostedManifest = {
  readonly hash: string;
  readonly layers: readonly {
    readonly hash: string;
    readonly uri: string;
    readonly headers: Readonly<Record<string, readonly string[]>>;
  }[];
};

/** The storage of a registry, which serves layers only to requests with its token and its signature in the query. */
export type QuayStorage = {
  readonly registry: RegistryServer;
  /** Stores layers compressed, and returns the manifest of an image. */
  readonly manifest: (hash: string, layers: readonly BuiltLayer[]) => PostedManifest;
  readonly close: () => Promise<void>;
};

/** The secrets of the storage. */
export const LAYER_TOKEN = 'Bearer layer-token';
export const SIGNATURE = 'X-Amz-Signature=a%2Bb%3D&X-Amz-Expires=600';

export async function startQuayStorage(): Promise<QuayStorage> {
  const registry = await startRegistryServer();
  registry.intercept = ({ headers, url = '' }, response) => {
    if (headers.authorization === LAYER_TOKEN && url.endsWith(`?${SIGNATURE}`)) return false;
    response.writeHead(403).end('<Error>the signature does not match</Error>');
    return true;
  };
  return {
    registry,
    manifest: (hash, layers) => ({
      hash,
      layers: layers.map(({ tar }) => {
        const { digest } = registry.blob(gzipSync(tar));
        return {
          hash: digest,
          uri: `http://${registry.domain}/v2/org/app/blobs/${digest}?${SIGNATURE}`,
          headers: { Accept: ['application/gzip'], Authorization: [LAYER_TOKEN] },
        };
      }),
    }),
    close: () => registry.close(),
  };
}
