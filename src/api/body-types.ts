import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ClairError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types that the route accepts in addition to JSON. */
    readonly otherBodyTypes?: readonly string[];
  }
}

const JSON_TYPE = 'application/json';

/** Matches `application/json` and types with the suffix `+json` (RFC 6839 section 3.1). */
const ANY_JSON = /^application\/(?:[\w!#$&^.-]+\+)?json$/;

/**
 * Parses bodies with a JSON `Content-Type` or without a `Content-Type`. Rejects compressed bodies, and types that the
 * route does not list in `otherBodyTypes`, with `request/unsupported-type`. A web page of another site can send some of
 * the other types without a preflight request (fetch.spec.whatwg.org, "CORS-safelisted request-header"). An empty body
 * of any type counts as no body; invalid JSON is rejected with `request/not-json`.
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
    else if (hasBody(headers)) throw unsupported(type, routeOptions.config.otherBodyTypes ?? []);
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
      else done(rejected(text));
    });
  });
}

/** Leaves the request bodies of the routes in this scope as unparsed text; a thread parses the bodies. */
export function leaveBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/**
 * Parses a body that {@link leaveBodies} left unparsed.
 *
 * @throws ClairError `request/not-json`
 */
export function parseBody(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch (error) {
    throw notJson(error);
  }
}

/** Returns the media type in lower case without parameters, or undefined without a media type. */
function mediaType(header: string | undefined): string | undefined {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

/** Returns the error for a body that the parser of the framework rejected; the framework's message states no reason. */
function rejected(text: string): ClairError {
  try {
    JSON.parse(text);
  } catch (error) {
    return notJson(error);
  }
  return new ClairError(
    'request/invalid',
    'the body must not have a field "__proto__", or a field "constructor" that contains "prototype"',
  );
}

function notJson(error: unknown): ClairError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ClairError('request/not-json', `the body is not valid JSON: ${reason}`, { cause: error });
}

function hasBody(headers: FastifyRequest['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Returns the error for an encoded body. The size limit applies to the bytes on the wire, so decoding would bypass the
 * limit.
 */
function encoded(encoding: string): ClairError {
  return new ClairError(
    'request/unsupported-type',
    `the Content-Encoding ${JSON.stringify(encoding.slice(0, 100))} is not supported: send the body uncompressed, without this header`,
  );
}

function unsupported(type: string, others: readonly string[]): ClairError {
  const named = others.filter((other) => other !== JSON_TYPE);
  const alternatives = named.length === 0 ? '' : `, or one of ${named.join(', ')}`;
  return new ClairError(
    'request/unsupported-type',
    `the Content-Type ${JSON.stringify(type.slice(0, 100))} is not supported: send JSON${alternatives}`,
  );
}
