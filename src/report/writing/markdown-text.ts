import { printable } from '../../model/printable.ts';

/**
 * Text in Markdown as GitHub reads it, in a paragraph and in the cell of a table alike: nothing of it is an element, a link,
 * a picture, a formula or a mention of somebody. Line breaks are blanks.
 */
export function markdownText(text: string): string {
  return (
    printable(text.replace(/\s+/g, ' '))
      .replace(/[\\`*_{}[\]()<>#+!|~&@:/"'$=^]/g, (character) => `&#${character.charCodeAt(0)};`)
      .replace(/\bwww\./gi, (match) => match.replace('.', '&#46;'))
      // Lists, headings below a line and numbers of lists only count at the beginning.
      .replace(/^[-.\d]/, (character) => `&#${character.charCodeAt(0)};`)
      // Names of people and numbers of issues are looked for in the text that comes of it, unless it is in two pieces.
      .replace(/&#(64|35);/g, '$&<!-- -->')
  );
}

/** A name or a version, as code: there nobody is mentioned, and it is not broken. */
export function markdownCode(text: string): string {
  return text === '' ? '' : `<code>${markdownText(text)}</code>`;
}
