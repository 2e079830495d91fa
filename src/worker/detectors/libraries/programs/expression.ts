/**
 * A pattern of a string that contains a version. A search looks for the longest literal, `anchor`, and compares only
 * the bytes around each occurrence with the other parts, so a search runs in linear time.
 */
export type Expression = {
  readonly anchor: Buffer;
  /** The number of bytes on each side of the anchor that the patterns read. */
  readonly sideBytes: number;
  /** Matches at the end of the bytes before the anchor, in Latin-1. */
  readonly left: RegExp;
  /** Matches at the start of the bytes after the anchor. */
  readonly right: RegExp;
  /** The version consists of this prefix and the text that the patterns capture. */
  readonly prefix: string;
};

/** Shorter strings occur by chance. */
const MIN_ANCHOR_BYTES = 4;

/** No string with a version in a real program is longer. */
const MAX_EXPRESSION_LENGTH = 256;
const MAX_PLACEHOLDERS = 4;

/**
 * The regular expressions of placeholders. Every repetition is bounded, and no repetition is nested in another
 * repetition of the same characters, so matching a few hundred bytes takes bounded time.
 */
const FORMS: Readonly<Record<string, string>> = {
  // Matches two to four numbers, optionally followed by a pre-release or one or two letters: `3.13.0rc1`, `1.1.1w`.
  version: '([0-9]{1,9}(?:\\.[0-9]{1,9}){1,3}(?:[-.]?(?:alpha|beta|rc|pre|a|b)[-.]?[0-9]{1,4}|[a-z]{1,2}(?![a-z]))?)',
  // Matches exactly three numbers, for programs that also contain shorter versions of other things, such as the `1.1`
  // of HTTP/1.1.
  semver: '([0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}(?:-(?:alpha|beta|rc|pre|dev)[.]?[0-9]{0,4})?)',
  // Matches the last number of a version whose other numbers come from the file name.
  patch: '([0-9]{1,4}(?:(?:a|b|rc)[0-9]{1,3})?)',
  number: '[0-9][0-9.]{0,31}',
  word: '[0-9A-Za-z._+-]{1,64}',
  zeros: '\\0{1,16}',
  // The lazy repetition finds the version that is nearest after the anchor or farthest before the anchor.
  gap: '[^]{0,1000}?',
};

const VERSION_PLACEHOLDERS: ReadonlySet<string> = new Set(['version', 'semver', 'patch']);

/** On each side of the anchor, real expressions match fewer bytes, except for a gap. */
const SIDE_BYTES = 256;
const GAP_BYTES = 1000;

/** The characters that escapes denote, as in C. */
const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', n: '\n', t: '\t', '\\': '\\' };

type Part = { readonly literal: string } | { readonly placeholder: string };

/**
 * Parses an expression: Latin-1 text with one version, written `{version}`, `{semver}` for exactly three numbers, or
 * `{release}.{patch}` to use the numbers in the file name. `{number}` and `{word}` match other text, `{zeros}` matches
 * 1 to 16 zero bytes, and `{gap}` matches up to 1,000 bytes. An expression must contain at least 4 plain characters in
 * a row. For an invalid expression, returns the reason as `fault`.
 *
 * @param release the version in the file name, such as `3.13`
 */
export function parseExpression(text: string, release: string): Expression | { readonly fault: string } {
  if (text.length > MAX_EXPRESSION_LENGTH) return { fault: `is longer than ${MAX_EXPRESSION_LENGTH} characters` };
  const isOfRelease = text.includes('{release}.{patch}');
  const parts = partsOf(text.replace('{release}.{patch}', `${release}.{patch}`));
  if (parts === undefined)
    return { fault: 'has a character outside of Latin-1, or an escape other than \\0, \\n, \\t, \\\\' };
  const placeholders = parts.flatMap((part) => ('placeholder' in part ? [part.placeholder] : []));
  const unknown = placeholders.find((each) => FORMS[each] === undefined);
  if (unknown !== undefined) return { fault: `has the unknown placeholder {${unknown}}` };
  const versions = placeholders.filter((each) => VERSION_PLACEHOLDERS.has(each));
  if (versions.length !== 1 || versions.includes('patch') !== isOfRelease) {
    return { fault: 'needs exactly one of {version}, {semver} or {release}.{patch}' };
  }
  if (placeholders.length > MAX_PLACEHOLDERS) return { fault: `has more than ${MAX_PLACEHOLDERS} placeholders` };
  const gaps = placeholders.filter((each) => each === 'gap').length;
  if (gaps > 1) return { fault: 'has more than one {gap}' };
  const anchorAt = placeOfLongest(parts);
  const part = parts[anchorAt];
  const anchor = part !== undefined && 'literal' in part ? part.literal : '';
  if (anchor.length < MIN_ANCHOR_BYTES)
    return { fault: `needs at least ${MIN_ANCHOR_BYTES} plain characters in a row` };
  return {
    anchor: Buffer.from(anchor, 'latin1'),
    sideBytes: SIDE_BYTES + gaps * GAP_BYTES,
    left: patternOf(parts.slice(0, anchorAt), 'end'),
    right: patternOf(parts.slice(anchorAt + 1), 'start'),
    prefix: isOfRelease ? `${release}.` : '',
  };
}

/** Returns undefined for a character or escape that is not allowed. */
function partsOf(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (const [index, piece] of text.split(/\{([a-z]{1,16})\}/).entries()) {
    const literal = index % 2 === 0 ? unescaped(piece) : undefined;
    if (index % 2 === 1) parts.push({ placeholder: piece });
    else if (literal === undefined) return undefined;
    else if (literal !== '') parts.push({ literal });
  }
  return parts;
}

function unescaped(text: string): string | undefined {
  let isValid = true;
  const plain = text.replace(/\\([^]?)/g, (_, escape: string) => {
    const character = ESCAPES[escape];
    isValid &&= character !== undefined;
    return character ?? '';
  });
  return isValid && /^[\0-\xff]*$/.test(plain) ? plain : undefined;
}

function placeOfLongest(parts: readonly Part[]): number {
  let longest = 0;
  const lengths = parts.map((part) => ('literal' in part ? part.literal.length : 0));
  for (const [at, length] of lengths.entries()) if (length > (lengths[longest] ?? 0)) longest = at;
  return longest;
}

function patternOf(parts: readonly Part[], place: 'end' | 'start'): RegExp {
  const source = parts
    .map((part) => ('literal' in part ? part.literal.replace(/[^0-9A-Za-z]/g, hexEscape) : FORMS[part.placeholder]))
    .join('');
  return new RegExp(place === 'start' ? `^(?:${source})` : `(?:${source})$`);
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
