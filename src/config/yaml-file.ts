import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A diagnostic of a file and the line where it is, from 1, if it is in one. */
export type LineFault = { readonly line?: number; readonly what: string };

/** What a YAML file holds, or why it cannot be read. */
export type YamlFile =
  | { readonly kind: 'read'; readonly value: unknown; readonly lineOf: (path: YamlPath) => number }
  | { readonly kind: 'unreadable'; readonly diagnostics: readonly LineFault[] };

/** Keys of maps and indexes of lists, from the top. */
export type YamlPath = readonly (string | number)[];

/** A configuration has a few at most; many that hold each other are a bomb. */
const MAX_ALIASES = 100;

/**
 * Reads YAML 1.2 (core schema, one document). Warnings of the parser, such as unknown tags, are diagnostics too. Never throws
 * for broken text.
 */
export function readYaml(text: string): YamlFile {
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
    const diagnostics = [...document.errors, ...document.warnings].map(({ code, message, pos: [offset] }) => {
      const what = code === 'MULTIPLE_DOCS' ? 'another document begins: there must be one' : message;
      return { line: counter.linePos(offset).line, what };
    });
    if (diagnostics.length > 0) return { kind: 'unreadable', diagnostics };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { kind: 'read', value, lineOf: (path) => counter.linePos(offsetOf(document, path)).line };
  } catch (error) {
    // It recurses; and of an alias it sees only now what it stands for, or that it is one too many.
    if (!(error instanceof RangeError || error instanceof ReferenceError)) throw error;
    return { kind: 'unreadable', diagnostics: [{ what: error.message }] };
  }
}

/** Where the last key or item of a path stands that the text shows; aliases are followed. */
function offsetOf(document: Document.Parsed, path: YamlPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node);
    }
  }
  return offset;
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
