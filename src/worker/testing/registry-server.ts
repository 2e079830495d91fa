import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type BuiltLayer, configOf, hexOf } from './image-builder.ts';
import type { Identity } from '../../bytes/testing/private-authority.ts';

/** The descriptor of a pushed manifest, index or blob. */
export type PushedDescriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

export type RegistryServer = {
  /** `127.0.0.1:PORT`, as in references. */
  readonly domain: string;
  /** The requested paths, without `/v2/`, in order. */
  readonly requests: string[];
  readonly authorizations: (string | undefined)[];
  /** The total size of the blobs and parts of blobs sent so far. */
  sentBytes: number;
  /** Called before the registry responds; returns true to replace the response of the registry. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Stores a blob and returns its descriptor. */
  readonly blob: (content: string | Buffer, mediaType?: string) => PushedDescriptor;
  /** Stores a manifest or index, optionally with a tag, and returns its descriptor. */
  readonly manifest: (content: object | string, mediaType: string, tag?: string) => PushedDescriptor;
  /**
   * Stores an image of gzip layers with its blobs, optionally with a tag, and returns the descriptor of its manifest.
   */
  readonly image: (layers: readonly BuiltLayer[], parts?: ImageParts) => PushedDescriptor;
  readonly close: () => Promise<void>;
};

export type ImageParts = {
  readonly tag?: string;
  readonly docker?: boolean;
  readonly config?: object;
  readonly manifest?: object;
};

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** Starts a registry that serves one repository under any name; uses TLS if `identity` is set. */
export async function startRegistryServer(identity?: Identity): Promise<RegistryServer> {
  const stored = new Map<string, { readonly content: Buffer; readonly mediaType: string }>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '').replace('/v2/', '');
    registry.requests.push(path);
    registry.authorizations.push(request.headers.authorization);
    if (registry.intercept(request, response)) return;
    const found = stored.get(/(?:manifests|blobs)\/[^/?]+/.exec(path)?.[0] ?? '');
    if (found === undefined) response.writeHead(404).end('{"errors": []}');
    else send(request, response, found);
  };
  const server = identity === undefined ? createServer(listener) : createSecureServer(identity, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  /** Sends a blob or, as registries do, the part that the request names. */
  function send(
    { headers: { range = '' } }: IncomingMessage,
    response: ServerResponse,
    { content, mediaType }: { readonly content: Buffer; readonly mediaType: string },
  ): void {
    const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const body = start === undefined ? content : content.subarray(Number(start), Number(last) + 1);
    const part = `bytes ${start}-${last}/${content.length}`;
    registry.sentBytes += body.length;
    response
      .writeHead(start === undefined ? 200 : 206, {
        'content-type': mediaType,
        ...(start !== undefined && { 'content-range': part }),
      })
      .end(body);
  }

  function store(folder: string, content: string | Buffer, mediaType: string, tag?: string): PushedDescriptor {
    const digest = `sha256:${hexOf(content)}`;
    const bytes = Buffer.from(content);
    for (const name of [digest, tag])
      if (name !== undefined) stored.set(`${folder}/${name}`, { content: bytes, mediaType });
    return { mediaType, digest, size: bytes.length };
  }

  const registry: RegistryServer = {
    domain: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    authorizations: [],
    sentBytes: 0,
    intercept: () => false,
    blob: (content, mediaType = 'application/octet-stream') => store('blobs', content, mediaType),
    manifest: (content, mediaType, tag) =>
      store('manifests', typeof content === 'string' ? content : JSON.stringify(content), mediaType, tag),
    image(layers, { tag, docker = false, config = configOf(layers), manifest = {} } = {}) {
      const mediaType = docker ? DOCKER_MANIFEST : OCI_MANIFEST;
      const descriptors = layers.map(({ tar }) => registry.blob(gzipSync(tar)));
      const content = {
        schemaVersion: 2,
        mediaType,
        config: registry.blob(JSON.stringify(config)),
        layers: descriptors,
      };
      return registry.manifest({ ...content, ...manifest }, mediaType, tag);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}
