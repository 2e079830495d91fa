import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ClairError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types that the body of a route may have beside JSON. */
    readonly otherBodyTypes?: readonly string[];
  }
}

const JSON_TYPE = 'application/json';

/** JSON, also in a form with a name of its own (RFC 6839 section 3.1), with or without parameters. */
const ANY_JSON = /^application\/(?:[\w!#$&^.-]+\+)?json$/;

/**
 * Reads bodies as JSON where their `Content-Type` says so or is missing, and refuses others: `request/unsupported-type`. A web
 * page of another site may send a body of other types without asking first (fetch.spec.whatwg.org, "CORS-safelisted
 * request-header"). An empty body counts as none, whatever its type.
 */
export function readJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addHook('onRequest', async ({ headers, routeOptions }) => {
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity' && hasBody(headers)) throw encoded(encoding);
    const type = mediaType(headers['content-type']);
    if (type !== undefined && routeOptions.config.otherBodyTypes?.includes(type) === true) return;
    if (type === undefined || ANY_JSON.test(type)) headers['content-type'] = JSON_TYPE;
    else if (hasBody(headers)) throw unsupported(type);
    else delete headers['content-type'];
  });
  server.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text.trim() === '') {
      done(null, undefined);
      return;
    }
    void parse(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(new ClairError('request/not-json', `the body is not JSON: ${error.message}`, { cause: error }));
    });
  });
}

/** In lower case and without parameters; undefined when there is none. */
function mediaType(header: string | undefined): string | undefined {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

function hasBody(headers: FastifyRequest['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** It is not undone: the bounds of bodies hold for the bytes that are sent. */
function encoded(encoding: string): ClairError {
  return new ClairError(
    'request/unsupported-type',
    `the body must not have a Content-Encoding, such as ${JSON.stringify(encoding.slice(0, 100))}: send archives as they are, compressed or not`,
  );
}

function unsupported(type: string): ClairError {
  return new ClairError(
    'request/unsupported-type',
    `the body must be JSON, and its Content-Type is ${JSON.stringify(type.slice(0, 100))}`,
  );
}
