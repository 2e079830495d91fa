import { printableLines } from '../../model/printable.ts';

/**
 * A piece of HTML or XML: what `markup` made, with everything in it escaped. In pieces, one behind the other: a page of many
 * rows is longer than a string may be.
 */
export type Markup = { readonly pieces: readonly string[] };

/** A piece that is as long gets no longer. */
const PIECE_LENGTH = 64 * 1024;

/** What may stand in a template: pieces as they are, everything else as text. */
export type MarkupPart = Markup | readonly MarkupPart[] | string | number;

/**
 * The tag of templates of HTML and XML. What is put in is text, in an element and in a quoted attribute alike, unless it is
 * a piece that the same tag made: so no name of a package can ever become an element.
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const pieces: string[] = [];
  for (const [index, literal] of literals.entries()) {
    append(pieces, literal);
    appendPart(pieces, parts[index] ?? '');
  }
  return { pieces };
}

/** Text of Clair's own that stands as it is, such as a style sheet: never anything that was read. */
export function verbatim(text: string): Markup {
  return { pieces: [text] };
}

function appendPart(pieces: string[], part: MarkupPart): void {
  if (typeof part !== 'object') {
    append(
      pieces,
      printableLines(String(part)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character),
    );
  } else if ('pieces' in part) {
    for (const piece of part.pieces) append(pieces, piece);
  } else {
    for (const each of part) appendPart(pieces, each);
  }
}

function append(pieces: string[], text: string): void {
  const last = pieces.at(-1);
  if (last === undefined || last.length + text.length > PIECE_LENGTH) pieces.push(text);
  else pieces[pieces.length - 1] = last + text;
}

/** Those that XML has too. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
