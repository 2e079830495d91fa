import { printableLines } from '../../model/printable.ts';

/** HTML or XML made by {@link markup}, with everything in it escaped. {@link textOf} and {@link piecesOf} return its text. */
export type Markup = { readonly pieces: readonly (string | Rows)[] };

/** Markup created while it is written, and not kept: a table may have hundreds of thousands of rows. */
export type Rows = { readonly rows: Iterable<Markup> };

/** A piece that is as long gets no longer. */
const PIECE_LENGTH = 64 * 1024;

/** What may stand in a template: pieces as they are, everything else as text. */
export type MarkupPart = Markup | Rows | readonly MarkupPart[] | string | number;

/**
 * The tag of templates of HTML and XML. What is put in is text, in an element and in a quoted attribute alike, unless it is
 * a piece that the same tag made: so no name of a package can ever become an element.
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const pieces: (string | Rows)[] = [];
  for (const [index, literal] of literals.entries()) {
    append(pieces, literal);
    appendPart(pieces, parts[index] ?? '');
  }
  return { pieces };
}

/** Creates the markup of each item when it is written. */
export function rowsOf<Item>(items: Iterable<Item>, rowOf: (item: Item) => Markup): Rows {
  return {
    rows: {
      *[Symbol.iterator]() {
        for (const item of items) yield rowOf(item);
      },
    },
  };
}

/** Returns the text in pieces, in order: a page of many rows is longer than a string may be. */
export function* piecesOf(of: Markup): Generator<string> {
  let piece = '';
  for (const text of textsOf(of)) {
    if (piece.length + text.length > PIECE_LENGTH && piece !== '') {
      yield piece;
      piece = '';
    }
    piece += text;
  }
  if (piece !== '') yield piece;
}

/** Returns the text of a short document. */
export function textOf(of: Markup): string {
  return [...textsOf(of)].join('');
}

/** Text of Clair's own that stands as it is, such as a style sheet: never anything that was read. */
export function verbatim(text: string): Markup {
  return { pieces: [text] };
}

function* textsOf({ pieces }: Markup): Generator<string> {
  for (const piece of pieces) {
    if (typeof piece === 'string') yield piece;
    else for (const row of piece.rows) yield* textsOf(row);
  }
}

function appendPart(pieces: (string | Rows)[], part: MarkupPart): void {
  if (typeof part !== 'object') {
    append(
      pieces,
      printableLines(String(part)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character),
    );
  } else if ('rows' in part) {
    pieces.push(part);
  } else if ('pieces' in part) {
    for (const piece of part.pieces) append(pieces, piece);
  } else {
    for (const each of part) appendPart(pieces, each);
  }
}

function append(pieces: (string | Rows)[], piece: string | Rows): void {
  const last = pieces.at(-1);
  if (typeof last === 'string' && typeof piece === 'string') pieces[pieces.length - 1] = last + piece;
  else pieces.push(piece);
}

/** Those that XML has too. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
