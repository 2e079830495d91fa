/**
 * Returns `text` as a single harmless line for terminals, logs and documents, because names may come from hostile
 * images and feeds. Control and format characters (C0, DEL, C1, line breaks, direction marks), line separators and
 * noncharacters become escapes such as `\u001b`; lone surrogates become U+FFFD. A backslash disables commands of CI
 * runners: `::name::` at the start of a line (GitHub) and `##name[` anywhere (GitHub, Azure Pipelines, TeamCity).
 */
export function printable(text: string): string {
  return text
    .replace(UNPRINTABLE, escapeOf)
    .replace(/^\s*(?=::[a-z])/i, '$&\\')
    .replace(RUNNER_COMMAND, '#\\#');
}

/** Applies {@link printable} to each line of a text. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/**
 * Returns the stack of an error with a line per frame. No other part of the stack, such as the message, starts a new
 * line.
 */
export function printableStack(stack: string): string {
  return stack
    .split(/\n(?= {4}at )/)
    .map(printable)
    .join('\n');
}

/**
 * Returns equivalent JSON that is harmless for terminals and runners. Escapes the characters that `JSON.stringify` does
 * not escape in strings (DEL, C1, direction marks, line separators). Works on parts of a document that do not end
 * inside a string.
 */
export function printableJson(json: string): string {
  return json.replace(RAW_IN_JSON, escapeOf).replace(RUNNER_COMMAND, '\\u0023#');
}

/**
 * Returns a line of a JSON log that is harmless even after a viewer decodes its strings. Each control character,
 * escaped or not, becomes the text of its escape. Only line breaks before stack frames remain.
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

/**
 * Matches the start of commands such as `##[error]`, `##vso[…]` and `##teamcity[…]`, which runners recognise anywhere
 * in a line.
 */
const RUNNER_COMMAND = /##(?=\w*\[)/g;

/**
 * Matches the characters to escape in JSON. White space between tokens remains; `JSON.stringify` escapes control
 * characters in strings.
 */
const RAW_IN_JSON = /[\u007F-\u009F\p{Zl}\p{Zp}]|(?![\u{10000}-\u{10FFFF}])\p{Cf}/gu;

/**
 * Matches JSON escapes, with a line break before a stack frame as a separate alternative, and characters that JSON does
 * not escape.
 */
const CONTROLS_IN_JSON =
  /\\n {4}(?=at )|\\u[0-9a-f]{4}|\\.|[\u007F-\u009F\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/giu;

/** Matches the escapes that remain: the escapes of printable characters and of the line break before a stack frame. */
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
