export type Stanza = {
  /** The number of the stanza's first line, from 1. */
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
  /** How the stanza is damaged; undefined for a valid stanza. */
  readonly damage: string | undefined;
};

/**
 * Splits a Debian control file, given whole or in pieces that end at line ends, into stanzas. Accepts fields of any
 * length, continuation lines, several blank lines between stanzas, CRLF, a missing last newline and a missing blank
 * after the colon. Any other line, and a repeated field, damages only its stanza.
 *
 * Rules: Debian Policy 5.1, "Syntax of control files". Keeps only the first line of a continued field, because the
 * fields that Clair reads have one line.
 */
export function* parseControl(text: string | Iterable<string>): Generator<Stanza> {
  let fields = new Map<string, string>();
  let damage: string | undefined;
  let start = 0;
  let line = 0;
  for (const raw of lines(typeof text === 'string' ? [text] : text)) {
    line += 1;
    if (raw === '') {
      if (start > 0) yield { line: start, fields, damage };
      fields = new Map();
      damage = undefined;
      start = 0;
      continue;
    }
    if (raw.startsWith('#')) continue;
    if (start === 0) start = line;
    if (raw.startsWith(' ') || raw.startsWith('\t')) {
      if (fields.size === 0) damage ??= `line ${line} continues a field, but no field precedes it`;
      continue;
    }
    const colon = raw.indexOf(':');
    // dpkg accepts blanks before the colon too.
    const name = raw.slice(0, Math.max(colon, 0)).trimEnd().toLowerCase();
    if (!FIELD_NAME_PATTERN.test(name)) damage ??= `line ${line} is neither a field nor a continuation line`;
    else if (fields.has(name)) damage ??= `line ${line} repeats a field`;
    else if (fields.size === MAX_FIELDS) damage ??= `line ${line} exceeds the limit of ${MAX_FIELDS} fields`;
    else fields.set(name, raw.slice(colon + 1).trim());
  }
  if (start > 0) yield { line: start, fields, damage };
}

/** A dpkg stanza has about 30 fields. */
const MAX_FIELDS = 1000;

/** Matches a field name: printable ASCII without the colon, not starting with `#` or `-` (Debian Policy 5.1). */
const FIELD_NAME_PATTERN = /^[!"$-,.-9;-~][!-9;-~]*$/;

function* lines(pieces: Iterable<string>): Generator<string> {
  for (const text of pieces) {
    let at = 0;
    while (at < text.length) {
      const end = text.indexOf('\n', at);
      const next = end === -1 ? text.length : end;
      yield text.slice(at, text.charAt(next - 1) === '\r' && next > at ? next - 1 : next);
      at = next + 1;
    }
  }
}
