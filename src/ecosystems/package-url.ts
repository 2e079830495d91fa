/** The decoded parts of a package URL (purl-spec). The subpath is omitted, because no feature has a subpath. */
export type PackageUrl = {
  /** In lower case. */
  readonly type: string;
  /** The segments of the namespace with slashes between them; empty without a namespace. */
  readonly namespace: string;
  readonly name: string;
  /** The version; empty without a version. */
  readonly version: string;
  /** The non-empty qualifiers by lower-case key. */
  readonly qualifiers: ReadonlyMap<string, string>;
};

/** The maximum length of a package URL. Names and versions have at most a few hundred characters. */
export const MAX_PURL_LENGTH = 4096;

const MAX_QUALIFIERS = 64;

/**
 * Writes a package URL in the canonical form (purl-spec, "How to build a purl string"). The case of names remains
 * unchanged, because old names in several ecosystems contain capital letters.
 */
export function packageUrlText({
  type,
  namespace = '',
  name,
  version = '',
  qualifiers = {},
}: {
  readonly type: string;
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  /** Qualifiers with an empty value are omitted. */
  readonly qualifiers?: Readonly<Record<string, string>>;
}): string {
  const within = namespace === '' ? '' : `${encoded(namespace).replaceAll('%2F', '/').replaceAll('%3A', ':')}/`;
  const at = version === '' ? '' : `@${encoded(version).replaceAll('%3A', ':').replaceAll('%2B', '+')}`;
  const pairs: string[] = [];
  for (const key of Object.keys(qualifiers).toSorted()) {
    const value = qualifiers[key] ?? '';
    if (value !== '') pairs.push(`${key}=${encoded(value)}`);
  }
  return `pkg:${type}/${within}${encoded(name)}${at}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** Matches a text that percent-encoding does not change, as are nearly all names and versions. */
const UNRESERVED = /^[\w.~-]*$/;

/** Percent-encodes a text. Replaces lone surrogates, which cannot be encoded. */
function encoded(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\u{FFFD}'));
}

/**
 * Parses a package URL. Like other tools, the function also accepts two forms that the specification does not permit: a
 * scope with an unescaped `@`, and an unescaped `+` for a plus. Escapes are decoded only once. Returns undefined for
 * any other text.
 */
export function parsePackageUrl(text: string): PackageUrl | undefined {
  if (text.length > MAX_PURL_LENGTH) return undefined;
  const [, rest] = /^pkg:\/*(.+)$/is.exec(text.trim()) ?? [];
  if (rest === undefined) return undefined;
  const [path, query] = splitOnce(rest.replace(/#[^#]*$/s, ''), '?');
  const [type, within] = splitOnce(path, '/');
  if (!/^[a-z][a-z0-9.+-]*$/i.test(type)) return undefined;
  // A slash follows the "@" of a scope, as in `@babel/core`.
  const at = within.lastIndexOf('@');
  const hasVersion = at > 0 && !within.slice(at).includes('/') && within[at - 1] !== '/';
  const segments = (hasVersion ? within.slice(0, at) : within).split('/').filter((segment) => segment !== '');
  const [name, ...namespace] = segments.toReversed().map(decoded);
  const version = hasVersion ? decoded(within.slice(at + 1)) : '';
  const qualifiers = qualifiersOf(query);
  if (name === undefined || name === '' || version === undefined || qualifiers === undefined) return undefined;
  if (namespace.includes(undefined)) return undefined;
  return { type: type.toLowerCase(), namespace: namespace.toReversed().join('/'), name, version, qualifiers };
}

function qualifiersOf(query: string): ReadonlyMap<string, string> | undefined {
  const qualifiers = new Map<string, string>();
  const pairs = query.split('&').filter((pair) => pair !== '');
  if (pairs.length > MAX_QUALIFIERS) return undefined;
  for (const pair of pairs) {
    const [key, value] = splitOnce(pair, '=');
    const text = decoded(value);
    if (text === undefined) return undefined;
    if (text !== '') qualifiers.set(key.toLowerCase(), text);
  }
  return qualifiers;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Decodes escapes; returns undefined for an invalid escape. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
