/** The first Name and Version in the header; undefined when absent. */
export type CoreMetadata = { readonly name: string | undefined; readonly version: string | undefined };

/** The header of a real file is smaller, even with the whole text of a licence. */
const MAX_HEADER_BYTES = 256 * 1024;

/**
 * Matches a header field, even without a value. A line of another form ends the header fields, as in Python's email
 * parser.
 */
const HEADER = /^([\x21-\x39\x3b-\x7e]+):(.*)$/s;

/**
 * Reads the header of METADATA, PKG-INFO or a distutils egg-info file: RFC 822 headers with folded lines up to the
 * first blank line (core metadata specification, https://packaging.python.org/specifications/core-metadata/). Header
 * names are case-insensitive; lines end with LF, CRLF or CR.
 */
export function readCoreMetadata(bytes: Uint8Array): CoreMetadata {
  let name: string | undefined;
  let version: string | undefined;
  for (const [header, value] of headers(new TextDecoder().decode(bytes.subarray(0, MAX_HEADER_BYTES)))) {
    if (header === 'name') name ??= value;
    if (header === 'version') version ??= value;
    if (name !== undefined && version !== undefined) break;
  }
  return { name, version };
}

function* headers(text: string): Generator<readonly [name: string, value: string]> {
  let name: string | undefined;
  let parts: string[] = [];
  for (const line of lines(text)) {
    if (name !== undefined && (line.startsWith(' ') || line.startsWith('\t'))) {
      parts.push(line.trim());
      continue;
    }
    if (name !== undefined) yield [name, parts.join(' ').trim()];
    const [, header, value = ''] = HEADER.exec(line) ?? [];
    if (header === undefined) return;
    name = header.toLowerCase();
    parts = [value.trim()];
  }
  if (name !== undefined) yield [name, parts.join(' ').trim()];
}

function* lines(text: string): Generator<string> {
  let start = 0;
  for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
    yield text.slice(start, index);
    start = index + end.length;
  }
  if (start < text.length) yield text.slice(start);
}
