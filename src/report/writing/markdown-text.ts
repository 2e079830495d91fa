import { printable } from '../../model/printable.ts';

/**
 * Escapes text for GitHub Markdown in paragraphs, lists and table cells, so that no part of the text becomes an
 * element, link, image, formula, emoji or mention. Newlines become spaces.
 */
export function markdownText(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim()).replace(MARKS, escapeOf);
}

/** Returns a name or version as code, because GitHub does not detect mentions in code. */
export function markdownCode(text: string): string {
  return text === '' ? '' : `<code>${markdownText(text)}</code>`;
}

const MARKS = new RegExp(
  [
    /[&<>$]/,
    /[\\`*[\]|~]/,
    // An underscore within a word does not start emphasis, so it is not escaped.
    /(?<![a-z0-9])_|_(?![a-z0-9])/,
    // URLs, emoji codes and host names contain these characters.
    /:(?=\/\/|[\w+-]+:)/,
    /(?<=\bwww)\./,
    /@|#(?=\d)/,
    // Lists, headings and rules can only start at the beginning of a text.
    /^(?:-(?=[-\s]|$)|\+(?=\s|$)|#|\d+[.)](?=\s|$))/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

function escapeOf(mark: string): string {
  return ENTITIES[mark] ?? `${mark.slice(0, -1)}\\${mark.slice(-1)}`;
}

/**
 * The replacements for characters that a backslash does not escape. An empty comment splits mentions and issue
 * references, because GitHub would otherwise detect them.
 */
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
