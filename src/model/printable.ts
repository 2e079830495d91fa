/**
 * Returns `text` as one line that shows what it contains and does nothing else, for terminals, logs and documents: names and
 * words come from hostile images and from feeds. Control and format characters (C0, DEL, C1, line breaks, marks of direction),
 * line separators and noncharacters are shown as escapes (`\u001b`), lone surrogates as U+FFFD. What the runners of CI
 * systems would take for a command is broken by a backslash: `::name::` at the start of a line (GitHub) and `##name[` anywhere
 * (GitHub, Azure Pipelines, TeamCity).
 */
export function printable(text: string): string {
  return text
    .replace(UNPRINTABLE, escapeOf)
    .replace(/^\s*(?=::[a-z])/i, '$&\\')
    .replace(RUNNER_COMMAND, '#\\#');
}

/** Returns the same of a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** Returns the stack of an error: its frames stay lines, and nothing else in it, such as the message, begins one. */
export function printableStack(stack: string): string {
  return stack
    .split(/\n(?= {4}at )/)
    .map(printable)
    .join('\n');
}

/**
 * Returns JSON with the same value that no terminal or runner obeys: what `JSON.stringify` leaves raw in strings (DEL, C1,
 * marks of direction, line separators) is escaped. May be applied to parts of a document, if no part ends in the middle of a string.
 */
export function printableJson(json: string): string {
  return json.replace(RAW_IN_JSON, escapeOf).replace(RUNNER_COMMAND, '\\u0023#');
}

/**
 * Returns a line of a JSON log whose strings are still printable when a viewer decodes them: each control character, escaped or
 * raw, becomes the text of its escape. Only line breaks before the frames of a stack stay.
 */
export function printableLogLine(json: string): string {
  return json
    .trimEnd()
    .replace(CONTROLS_IN_JSON, (found) => {
      if (KEPT_IN_JSON.test(found)) return found;
      return (found.startsWith('\\') ? found : escapeOf(found)).replaceAll('\\', '\\\\');
    })
    .replace(RUNNER_COMMAND, '#\\\\#')
    .concat('\n');
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** `##[error]`, `##vso[…]`, `##teamcity[…]`: runners look for these anywhere in a line. */
const RUNNER_COMMAND = /##(?=\w*\[)/g;

/** Line breaks and blanks of JSON itself stay; those in strings are escaped by `JSON.stringify`. */
const RAW_IN_JSON = /[\u007F-\u009F\p{Zl}\p{Zp}]|(?![\u{10000}-\u{10FFFF}])\p{Cf}/gu;

/** Escapes of JSON, of which a line break before a frame of a stack is one of its own, and characters that JSON leaves raw. */
const CONTROLS_IN_JSON =
  /\\n {4}(?=at )|\\u[0-9a-f]{4}|\\.|[\u007F-\u009F\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/giu;

/** The escapes among them that stay: those of printable characters, and the line break before a stack frame. */
const KEPT_IN_JSON = /^\\(?:["\\/]|n.)/;

function escapeOf(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\uFFFD';
  const digits = code.toString(16);
  return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
