import { printableLines } from '../../model/printable.ts';

/** A piece of HTML or XML: what `markup` made, with everything in it escaped. */
export type Markup = { readonly markup: string };

/** What may stand in a template: pieces as they are, everything else as text. */
export type MarkupPart = Markup | readonly MarkupPart[] | string | number;

/**
 * The tag of templates of HTML and XML. What is put in is text, in an element and in a quoted attribute alike, unless it is
 * a piece that the same tag made: so no name of a package can ever become an element.
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return { markup: literals.map((literal, index) => literal + partText(parts[index] ?? '')).join('') };
}

/** Text of Clair's own that stands as it is, such as a style sheet: never anything that was read. */
export function verbatim(text: string): Markup {
  return { markup: text };
}

function partText(part: MarkupPart): string {
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(partText).join('');
  return printableLines(String(part)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Those that XML has too. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
