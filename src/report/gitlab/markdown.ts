import { printableLines } from '../../model/printable.ts';

/**
 * Escapes text for GitLab Flavored Markdown, so that no part of the text becomes an element, link, image, formula,
 * mention or reference. GitLab renders a reference as plain text if a backslash escapes its first character. Most
 * characters of versions and paths are not escaped, because older GitLab releases show solutions as plain text.
 */
export function gitlabMarkdown(text: string): string {
  return printableLines(text)
    .split('\n')
    .map((line) => line.trim().replace(MARKS, String.raw`\$&`).replace(NUMBER, String.raw`$1\$2`))
    .join('\n')
    .trim();
}

const MARKS = new RegExp(
  [
    /[\\`*[\]<>|]/,
    // Underscores, except within a word, because an underscore within a word starts no emphasis.
    /(?<![a-z0-9])_|_(?![a-z0-9])/,
    // The first characters of references, formulas and colours.
    /@|[#!&$%^](?=\S)|~(?=[~"a-z])(?<![\d.]~)|\{(?=[+-])/,
    // Emoji codes.
    /:(?=[\w+-]+:)/,
    // Lists, headings and rules start only at the beginning of a line.
    /^(?:[-+=](?=[-+=\s]|$)|#)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

/** The number of a list item. */
const NUMBER = /^(\d+)([.)])(?=\s|$)/;
