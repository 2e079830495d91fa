import { type Comment, type Node, parseSync, visitorKeys } from 'oxc-parser';
import { linesOf, type Passage, type Word, wordsOf } from './sentences.ts';

/** The comments of a TypeScript file, and its strings of several words. */
export type CodePassages = { readonly comments: readonly Passage[]; readonly strings: readonly Passage[] };

/**
 * A piece of a string in its escaped form, at an offset in the file; `raw` is undefined for an expression, which is
 * shown as `…`.
 */
type Piece = { readonly at: number; readonly raw: string | undefined };

/** Comments for tools. */
const DIRECTIVE = /^\W*(?:oxlint-|eslint-|biome-|@ts-|@vitest|v8 ignore|#__)/;

/** The nodes whose strings are for programs only: types and names of modules. */
const SKIPPED_TYPES: ReadonlySet<string> = new Set([
  'ExportAllDeclaration',
  'ImportDeclaration',
  'ImportExpression',
  'TSLiteralType',
]);
/** The attributes of elements with text that people read. */
const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set(['alt', 'aria-label', 'label', 'placeholder', 'title']);

/** The HTML elements that can be part of a sentence. */
const INLINE_ELEMENTS: ReadonlySet<string> = new Set([
  'a',
  'abbr',
  'b',
  'code',
  'em',
  'kbd',
  'small',
  'strong',
  'time',
]);

/** Prose contains at least one of these words, and strings that programs read rarely do. */
const FUNCTION_WORD =
  /\b(?:a|an|and|are|as|at|be|by|cannot|could|for|from|has|have|in|is|it|must|no|not|of|on|only|or|than|that|the|this|to|was|with|without|your)\b/;
const SQL = /^\s*(?:ALTER|AND|CREATE|DELETE|DROP|FROM|INSERT|JOIN|ORDER|PRAGMA|SELECT|SET|UPDATE|VALUES|WHERE|WITH)\b/;
const PLAIN_WORD = /^["'“(`]*[A-Za-z][A-Za-z’'-]*["'”)`,.:;!?]*$/;
const LEAST_PLAIN = 0.6;

/**
 * Reads the prose of a TypeScript or JavaScript file.
 *
 * @param path selects the syntax by its extension
 * @throws Error for invalid syntax
 */
export function codePassages(path: string, code: string): CodePassages {
  const { program, comments, errors } = parseSync(path, code);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const lineAt = linesOf(code);
  const strings: (readonly Piece[])[] = [];
  collectStrings(program, code, strings);
  return {
    comments: joinedComments(comments, code).flatMap((group) => commentPassages(group, lineAt)),
    strings: strings.flatMap((pieces) => stringPassages(pieces, lineAt)).filter(isProse),
  };
}

/** Joins line comments on consecutive lines without code. */
function joinedComments(comments: readonly Comment[], code: string): readonly (readonly Comment[])[] {
  const groups: Comment[][] = [];
  for (const comment of comments) {
    if (DIRECTIVE.test(comment.value)) continue;
    const last = groups.at(-1);
    const previous = last?.at(-1);
    const isNext =
      comment.type === 'Line' &&
      previous?.type === 'Line' &&
      /^\n[ \t]*$/.test(code.slice(previous.end, comment.start)) &&
      isAlone(comment, code) &&
      isAlone(previous, code);
    if (isNext) last?.push(comment);
    else groups.push([comment]);
  }
  return groups;
}

function isAlone({ start }: Comment, code: string): boolean {
  return code.slice(code.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
}

/** Returns the paragraphs and tags of a comment, without indented code. */
function commentPassages(comments: readonly Comment[], lineAt: (offset: number) => number): readonly Passage[] {
  const passages: Word[][] = [[]];
  for (const comment of comments) {
    const firstLine = lineAt(comment.start);
    for (const [index, line] of comment.value.split('\n').entries()) {
      const text = comment.type === 'Line' ? line : line.replace(/^\s*\*+/, '');
      if (/^\s*(?:$|@\w|[*-] |\d+\. )/.test(text)) passages.push([]);
      if (/^ {5,}/.test(text)) continue;
      // A tag within a line, such as `@throws`, begins a separate text.
      for (const [part, words] of text.split(/(?=\s@\w+ )/).entries()) {
        if (part > 0) passages.push([]);
        passages.at(-1)?.push(...wordsOf(words.replace(/^\s*[*-] /, ''), () => firstLine + index));
      }
    }
  }
  return passages.filter((passage) => passage.length > 0);
}

function collectStrings(node: Node, code: string, into: (readonly Piece[])[]): void {
  if (SKIPPED_TYPES.has(node.type) || isHiddenAttribute(node)) return;
  const pieces = piecesOf(node, code);
  if (pieces !== undefined) into.push(pieces);
  for (const child of pieces === undefined ? childrenOf(node) : expressionsOf(node)) collectStrings(child, code, into);
}

function isHiddenAttribute(node: Node): boolean {
  return node.type === 'JSXAttribute' && !(node.name.type === 'JSXIdentifier' && TEXT_ATTRIBUTES.has(node.name.name));
}

/** Returns the pieces of a string, of a concatenation with a string, or of the text of an element. */
function piecesOf(node: Node, code: string): readonly Piece[] | undefined {
  if (node.type === 'Literal') {
    if (typeof node.value !== 'string') return undefined;
    return [{ at: node.start + 1, raw: code.slice(node.start + 1, node.end - 1) }];
  }
  if (node.type === 'TemplateLiteral') {
    return node.quasis.flatMap(({ start, value: { raw }, tail }) => {
      const piece = { at: code.indexOf(raw, start), raw };
      return tail ? [piece] : [piece, { at: start, raw: undefined }];
    });
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [left, right] = [piecesOf(node.left, code), piecesOf(node.right, code)];
    if (left === undefined && right === undefined) return undefined;
    return [...(left ?? [expressionPiece(node.left)]), ...(right ?? [expressionPiece(node.right)])];
  }
  return isTextElement(node) ? elementPieces(node) : undefined;
}

function expressionPiece({ start }: Node): Piece {
  return { at: start, raw: undefined };
}

type Element = Extract<Node, { readonly type: 'JSXElement' | 'JSXFragment' }>;

function isTextElement(node: Node): node is Element {
  return (
    (node.type === 'JSXElement' || node.type === 'JSXFragment') &&
    node.children.some((child) => child.type === 'JSXText' && /[a-z]/i.test(child.value))
  );
}

function elementPieces({ children }: Element): readonly Piece[] {
  return children.flatMap((child) => {
    if (child.type === 'JSXText') return [{ at: child.start, raw: (child.raw ?? child.value).replaceAll('\n', ' ') }];
    return isInline(child) ? elementPieces(child) : [expressionPiece(child)];
  });
}

function isInline(node: Node): node is Extract<Node, { readonly type: 'JSXElement' }> {
  if (node.type !== 'JSXElement') return false;
  const { name } = node.openingElement;
  return name.type === 'JSXIdentifier' && INLINE_ELEMENTS.has(name.name);
}

/** Returns the expressions inside a string, which may contain further strings. */
function expressionsOf(node: Node): readonly Node[] {
  if (node.type === 'TemplateLiteral') return node.expressions;
  if (node.type === 'BinaryExpression') {
    return [node.left, node.right].flatMap((side) => (isString(side) ? expressionsOf(side) : [side]));
  }
  if (node.type !== 'JSXElement' && node.type !== 'JSXFragment') return [];
  const attributes = node.type === 'JSXElement' ? [node.openingElement] : [];
  return [
    ...attributes,
    ...node.children.flatMap((child) =>
      child.type === 'JSXText' ? [] : isInline(child) ? expressionsOf(child) : [child],
    ),
  ];
}

function isString(node: Node): boolean {
  return piecesOf(node, '') !== undefined;
}

function childrenOf(node: Node): readonly Node[] {
  const fields = new Map<string, unknown>(Object.entries(node));
  return (visitorKeys[node.type] ?? []).flatMap((key) => [fields.get(key)].flat().filter(isNode));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/**
 * Joins the pieces of a string into words with their lines in the file. Empty and indented lines begin a new passage.
 */
function stringPassages(pieces: readonly Piece[], lineAt: (offset: number) => number): readonly Passage[] {
  const starts: number[] = [];
  let joined = '';
  for (const { raw } of pieces) {
    starts.push(joined.length);
    joined += raw ?? '…';
  }
  const lineOf = (offset: number): number => {
    const index = starts.findLastIndex((start) => start <= offset);
    const { at = 0, raw } = pieces[index] ?? {};
    return lineAt(raw === undefined ? at : at + offset - (starts[index] ?? 0));
  };
  // Each replacement has the length of the replaced text, so that offsets remain correct.
  const text = joined
    .replace(/\\[rt]/g, '  ')
    .replace(/\\n/g, ' \n')
    .replace(/<[^<>]*>/g, (tag) => ' '.repeat(tag.length));
  return [...text.matchAll(/(?:(?!\n(?: {2}| *\n))[\s\S])+/g)].map(({ 0: part, index }) =>
    wordsOf(part, (offset) => lineOf(index + offset)).map(({ line, text: word }) => ({
      line,
      text: word.replace(/\\(?!u)/g, ''),
    })),
  );
}

function isProse(words: Passage): boolean {
  const text = words.map((word) => word.text).join(' ');
  const plain = words.filter((word) => PLAIN_WORD.test(word.text)).length;
  return !SQL.test(text) && FUNCTION_WORD.test(text) && plain >= words.length * LEAST_PLAIN;
}
