import { createHash } from 'node:crypto';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** The minimum size of a response that is compressed, in bytes. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * The media types to compress. The Harbor report is listed, because it is JSON but its media type has no suffix
 * `+json`.
 */
const COMPRESSED_TYPES =
  /^text\/(?!event-stream)|[+/](?:json|text|xml|octet-stream)(?:;|$)|^application\/vnd\.security\.vulnerability\.report(?:;|$)/;

/**
 * Adds an ETag to 200 responses to GET and HEAD, except streams. Returns 304 for a matching `If-None-Match`. Compresses
 * responses for clients that accept gzip. The tag is weak (RFC 9110 section 8.8.1), because the same response can be
 * sent compressed or uncompressed.
 */
export async function encodeAnswers(server: FastifyInstance): Promise<void> {
  server.addHook('onSend', async (request, reply, payload) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || reply.statusCode !== 200 || !isWhole(payload)) return payload;
    const tag = String(reply.getHeader('etag') ?? tagOf(payload));
    reply.header('etag', tag);
    // Every feed update can change a response, so clients must revalidate their copy.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache');
    if (!isKnown(request.headers['if-none-match'], tag)) return payload;
    reply.status(304).removeHeader('content-length').removeHeader('content-type');
    return '';
  });
  await server.register(compress, {
    encodings: ['gzip'],
    threshold: MIN_COMPRESSED_BYTES,
    customTypes: COMPRESSED_TYPES,
    globalDecompression: false,
  });
}

/** Returns the ETag of a response body: a hash of the uncompressed body. */
export function tagOf(payload: string | Buffer): string {
  return `W/"${createHash('sha256').update(payload).digest('base64url')}"`;
}

function isWhole(payload: unknown): payload is string | Buffer {
  return typeof payload === 'string' || Buffer.isBuffer(payload);
}

/** Compares tags weakly (RFC 9110 section 13.1.2). */
function isKnown(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false;
  return condition.trim() === '*' || condition.split(',').some((each) => opaque(each) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
