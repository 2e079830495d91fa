import { printable } from '../../model/printable.ts';

/**
 * Returns text for Markdown as GitHub reads it, in a paragraph, a list and the cell of a table alike: none of it is an element, a
 * link, a picture, a formula, an emoji or a mention. Only what would be one of these is escaped. Line breaks become blanks.
 */
export function markdownText(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim()).replace(MARKS, escapeOf);
}

/** A name or a version, as code: there nobody is mentioned, and it is not broken. */
export function markdownCode(text: string): string {
  return text === '' ? '' : `<code>${markdownText(text)}</code>`;
}

const MARKS = new RegExp(
  [
    /[&<>$]/,
    /[\\`*[\]|~]/,
    // Between letters it begins nothing.
    /(?<![a-z0-9])_|_(?![a-z0-9])/,
    // Addresses, short codes of emoji and names of hosts are found by these.
    /:(?=\/\/|[\w+-]+:)/,
    /(?<=\bwww)\./,
    /@|#(?=\d)/,
    // Lists, headings and lines across are such only at the beginning.
    /^(?:-(?=[-\s]|$)|\+(?=\s|$)|#|\d+[.)](?=\s|$))/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

function escapeOf(mark: string): string {
  return ENTITIES[mark] ?? `${mark.slice(0, -1)}\\${mark.slice(-1)}`;
}

/** What a backslash does not take the meaning of: people and issues are looked for in the text, unless it is in two pieces. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  $: '&#36;',
  ':': '&#58;',
  '.': '&#46;',
  '@': '&#64;<!-- -->',
  '#': '&#35;<!-- -->',
};
