/**
 * The limits are sufficient for any receiver. A server may reject large headers (RFC 9110 section 5.4), and many
 * servers reject more than 8 KiB.
 */
const MAX_HEADERS = 32;
const MAX_BYTES = 8 * 1024;

/**
 * Parses lines of the form `Name: value` and returns the headers by lower-case name. Joins several values with the same
 * name (RFC 9110 section 5.3). Returns undefined for text in another form, for more than 32 headers or 8 KiB, and for
 * headers that Clair sets itself.
 */
export function parseHeaderLines(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > MAX_HEADERS || Buffer.byteLength(text) > MAX_BYTES) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, given, value = ''] = LINE.exec(line) ?? [];
    const name = given?.toLowerCase();
    if (name === undefined || !isSettableHeader(name)) return undefined;
    const known = headers.get(name);
    headers.set(name, known === undefined ? value.trim() : `${known}, ${value.trim()}`);
  }
  return Object.fromEntries(headers);
}

/** Returns whether a configured header is allowed in Clair's requests; Clair sets the other headers itself. */
export function isSettableHeader(name: string): boolean {
  return !OWN.has(name.toLowerCase());
}

/** Matches a token (RFC 9110 section 5.6.2), a colon, and a value of visible characters, blanks and tabs. */
const LINE = /^([\w!#$%&'*+.^`|~-]+):([\t\u0020-\u007E]*)$/;

/** The headers of framing, connections and content, which Clair sets itself. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
