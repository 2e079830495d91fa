import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A server that responds to requests about images as the Docker 28 daemon or the Podman service does. */
export type EngineDaemon = {
  /** `127.0.0.1:PORT`; empty if the daemon listens on a socket. */
  readonly host: string;
  /** The archives of `docker save` by the name or ID of the image. */
  readonly images: Map<string, Buffer>;
  /** The requested paths, in order. */
  readonly requests: string[];
  /** Called before the daemon responds; returns true to replace the response of the daemon. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The error that the daemon sends after half of an image's bytes. */
  failure: string | undefined;
  readonly close: () => Promise<void>;
};

/** The headers of every response (moby, api/server/middleware/version.go). */
const HEADERS = { 'api-version': '1.48', 'docker-experimental': 'false', ostype: 'linux', server: 'Docker/28.0.1' };

const CHUNK_BYTES = 32 * 1024;

/** Starts a daemon on a Unix socket or on a port of this machine; uses TLS if `place.tls` is set. */
export async function startEngineDaemon(
  place: { readonly socket: string } | { readonly tls?: ServerOptions } = {},
): Promise<EngineDaemon> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    daemon.requests.push(request.url ?? '');
    if (!daemon.intercept(request, response)) void answer(daemon, request, response);
  };
  const tls = 'socket' in place ? undefined : place.tls;
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => {
    if ('socket' in place) server.listen(place.socket, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  const daemon: EngineDaemon = {
    host: 'socket' in place ? '' : `127.0.0.1:${(server.address() as AddressInfo).port}`,
    images: new Map(),
    requests: [],
    intercept: () => false,
    failure: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return daemon;
}

/** Ends a response with an error (moby, api/server/httputils, `ErrorResponse`). */
export function respondError(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { ...HEADERS, 'content-type': 'application/json' })
    .end(`${JSON.stringify({ message })}\n`);
}

async function answer(daemon: EngineDaemon, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = decodeURIComponent((request.url ?? '').replace(/\?.*/, ''));
  // Requests may name a version of the API.
  const [, asked = '', action] = /^(?:\/v[\d.]+)?\/images\/(.+)\/(json|get)$/.exec(path) ?? [];
  if (action === undefined) return respondError(response, 404, 'page not found');
  const name = asked.replace(/^docker\.io\/(library\/)?/, '');
  // For a name without a tag, engines describe the image with the tag `latest`, but save the images with all tags.
  const archive = daemon.images.get(name) ?? (action === 'json' ? daemon.images.get(`${name}:latest`) : undefined);
  if (archive === undefined) return respondError(response, 404, `No such image: ${asked}`);
  if (action === 'json') {
    const description = {
      Id: `sha256:${'0'.repeat(64)}`,
      RepoTags: [name],
      Os: 'linux',
      Architecture: 'amd64',
      Size: archive.length,
    };
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(description));
    return;
  }
  // Send no length, so that Node sends chunks, as Docker does.
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/x-tar' });
  const end = daemon.failure === undefined ? archive.length : archive.length / 2;
  for (let start = 0; start < end; start += CHUNK_BYTES) {
    if (!response.write(archive.subarray(start, Math.min(start + CHUNK_BYTES, end)))) await pause(1);
  }
  // The error has the form of `FormatError` in moby.
  if (daemon.failure !== undefined) {
    const error = { errorDetail: { message: daemon.failure }, error: daemon.failure };
    response.write(`${JSON.stringify(error)}\r\n`);
  }
  response.end();
}
