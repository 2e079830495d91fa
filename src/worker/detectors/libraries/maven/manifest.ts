/** The main section of a manifest; names are in lower case. */
export type Manifest = ReadonlyMap<string, string>;

/** Real main sections have fewer than 100 attributes. */
const MAX_ATTRIBUTES = 1000;

/** Longer values are cut: only OSGi package lists are that long, and they are not used. */
const MAX_VALUE_CHARACTERS = 1024;

/**
 * Reads the main section of a manifest, up to the first empty line. A line that starts with a blank continues the
 * previous line; lines end in CR, LF or both. Lines that are not attributes are ignored.
 *
 * Source: JAR File Specification, "JAR Manifest".
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const text = mainSection(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const attributes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1, colon + 1 + MAX_VALUE_CHARACTERS).trim();
    // Values that the build did not resolve look like `%bundleName` and `${project.version}`.
    const isResolved = value !== '' && !value.startsWith('%') && !value.includes('${');
    if (name !== '' && isResolved && !attributes.has(name) && attributes.size < MAX_ATTRIBUTES)
      attributes.set(name, value);
  }
  return attributes;
}

/** Returns the lines of the main section, unfolded. */
function mainSection(bytes: Buffer): string {
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n');
  const end = text.indexOf('\n\n');
  return (end === -1 ? text : text.slice(0, end)).replaceAll('\n ', '');
}
