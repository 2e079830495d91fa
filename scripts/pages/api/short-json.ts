/** The maximum length, in characters, of a line of text, and of a list or an object on a single line. */
const WIDTH = 100;

/** The maximum length of a string in an example, in characters. */
const MAX_STRING_LENGTH = 160;

const INDENT = '  ';

/**
 * Writes a JSON value for a documentation page. Short values are on a single line, long strings are cut, and lists are
 * cut to `maxItems` items, with a comment that states the number of omitted items.
 */
export function shortJson(value: unknown, maxItems: number = Number.POSITIVE_INFINITY): string {
  return linesOf(value, maxItems, { indent: 0, label: 0 }).join('\n');
}

/** Cuts each line of a text to the width of a page, and the text to a number of lines. */
export function shortText(text: string, maxLines: number): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(0, maxLines).map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line));
  return [...shown, ...(lines.length > maxLines ? ['…'] : [])].join('\n');
}

/**
 * @param indent the number of columns before each line of the value
 * @param label the number of columns that the key occupies in the first line
 */
function linesOf(value: unknown, maxItems: number, { indent, label }: Place): string[] {
  if (typeof value !== 'object' || value === null) return [scalar(value)];
  const line = isCut(value, maxItems) ? undefined : inline(value);
  if (line !== undefined && indent + label + line.length <= WIDTH) return [line];
  const inner = indent + INDENT.length;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const shown = items.slice(0, maxItems).map((item) => linesOf(item, maxItems, { indent: inner, label: 0 }));
    const others = items.length - shown.length;
    return ['[', ...indented(shown), ...(others > 0 ? [`${INDENT}// ${others} more`] : []), ']'];
  }
  const fields = Object.entries(value).map(([name, field]) => {
    const key = `${JSON.stringify(name)}: `;
    const [first = '', ...rest] = linesOf(field, maxItems, { indent: inner, label: key.length });
    return [`${key}${first}`, ...rest];
  });
  return ['{', ...indented(fields), '}'];
}

type Place = { readonly indent: number; readonly label: number };

/** Indents the lines of all members, and puts commas between the members. */
function indented(members: readonly (readonly string[])[]): string[] {
  return members.flatMap((lines, at) =>
    lines.map((line, row) => `${INDENT}${line}${row === lines.length - 1 && at < members.length - 1 ? ',' : ''}`),
  );
}

/** Returns whether a list within the value has more than `maxItems` items. */
function isCut(value: unknown, maxItems: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) && value.length > maxItems) return true;
  return Object.values(value).some((each) => isCut(each, maxItems));
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${inline(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string' || value.length <= MAX_STRING_LENGTH) return JSON.stringify(value);
  return JSON.stringify(`${value.slice(0, MAX_STRING_LENGTH - 1)}…`);
}
