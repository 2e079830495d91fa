import { printableLines } from '../../model/printable.ts';

/** Escaped HTML or XML of {@link markup}. {@link textOf} and {@link piecesOf} return the text of the markup. */
export type Markup = { readonly pieces: readonly (string | Rows)[] };

/** Markup that is created while it is written, because a table can have hundreds of thousands of rows. */
export type Rows = { readonly rows: Iterable<Markup> };

/** The maximum length of a piece, in characters; only a single longer text makes a piece longer. */
const PIECE_LENGTH = 64 * 1024;

/** A part of a template. The tag inserts markup unchanged, and all other values as escaped text. */
export type MarkupPart = Markup | Rows | readonly MarkupPart[] | string | number;

/**
 * The template tag for HTML and XML. The tag escapes every inserted value for elements and quoted attributes, unless
 * the value is markup of the same tag. Therefore, a package name cannot become an element.
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const pieces: (string | Rows)[] = [];
  for (const [index, literal] of literals.entries()) {
    append(pieces, literal);
    appendPart(pieces, parts[index] ?? '');
  }
  return { pieces };
}

/** Returns rows that create the markup of each item only when the item is written. */
export function rowsOf<Item>(items: Iterable<Item>, rowOf: (item: Item) => Markup): Rows {
  return {
    rows: {
      *[Symbol.iterator]() {
        for (const item of items) yield rowOf(item);
      },
    },
  };
}

/** Returns the text in pieces, because a long page can exceed the maximum length of a string. */
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

/** Returns trusted text, such as Clair's own style sheet, without escaping. Do not use this function for input. */
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

/** The entities that HTML and XML share. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
