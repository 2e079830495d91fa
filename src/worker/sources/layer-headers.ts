import { ClairError } from '../../errors.ts';

/**
 * The maximum number and total size of headers. Authentication needs fewer headers; servers may reject large headers
 * (RFC 9110 section 5.4), often above 8 KiB.
 */
const MAX_HEADERS = 32;
const MAX_HEADER_BYTES = 8 * 1024;

/**
 * Checks the headers that a client specified for requests for its layer, and returns the headers to send. Messages
 * never contain header values. Drops `Connection` and `Keep-Alive`, which clients of Clair v1 sent, because
 * this server manages its connections.
 *
 * @throws ClairError `request/invalid` for more than 32 headers or 8 KiB, invalid or repeated names, invalid values,
 * and headers that would change the request.
 */
export function layerHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const fields = Object.entries(headers);
  if (fields.length > MAX_HEADERS) throw invalid(`more than ${MAX_HEADERS} headers are given for the layer`);
  const size = fields.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > MAX_HEADER_BYTES) throw invalid(`the headers for the layer are larger than ${MAX_HEADER_BYTES} bytes`);
  const seen = new Set<string>();
  for (const [index, [given, value]] of fields.entries()) {
    const name = given.toLowerCase();
    if (!NAME.test(name))
      throw invalid(`header ${index + 1} has no valid name: use, for example, letters, digits and hyphens`);
    if (!VALUE.test(value)) throw invalid(`invalid value of the header ${name}: use printable ASCII characters`);
    if (NOT_FOR_CLIENTS.has(name)) throw invalid(`clients cannot set the header ${name}`);
    if (seen.has(name)) throw invalid(`the header ${name} is repeated`);
    seen.add(name);
  }
  return Object.fromEntries(fields.filter(([name]) => !OF_CONNECTIONS.has(name.toLowerCase())));
}

/** Headers that control a connection (RFC 9110 section 7.6.1, RFC 9112 section 9.3). */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['connection', 'keep-alive']);

/** Matches a token (RFC 9110 section 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Matches visible characters, blanks and tabs (RFC 9110 section 5.5), without obsolete characters. */
const VALUE = /^[\t\u0020-\u007E]*$/;

/** Headers for routing and framing (RFC 9110 section 7.6.1, RFC 9112 section 6), proxies, and partial requests. */
const NOT_FOR_CLIENTS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'if-range',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

function invalid(message: string): ClairError {
  return new ClairError('request/invalid', `invalid Headers: ${message}`);
}
