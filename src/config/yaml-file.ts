import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { isNestedTooDeeply, MAX_YAML_DEPTH } from '../bytes/documents/yaml-depth.ts';

/** A fault of a file, with its line (from 1) if known. */
export type LineFault = { readonly line?: number; readonly what: string };

/** The content of a YAML file, or its faults. */
export type YamlFile =
  | { readonly kind: 'read'; readonly value: unknown; readonly lineOf: (path: YamlPath) => number }
  | { readonly kind: 'unreadable'; readonly diagnostics: readonly LineFault[] };

/** The map keys and list indexes on the path from the top of the file to a value. */
export type YamlPath = readonly (string | number)[];

/**
 * The maximum number of aliases. A configuration has few aliases, and nested aliases expand exponentially.
 */
const MAX_ALIASES = 100;

/**
 * Parses YAML 1.2 (core schema, a single document). Parser warnings, such as unknown tags, count as faults. Never
 * throws for invalid text.
 */
export function readYaml(text: string): YamlFile {
  if (isNestedTooDeeply(text)) {
    return { kind: 'unreadable', diagnostics: [{ what: `the nesting exceeds ${MAX_YAML_DEPTH} levels` }] };
  }
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
    const diagnostics = [...document.errors, ...document.warnings].map(({ code, message, pos: [offset] }) => {
      const what =
        code === 'MULTIPLE_DOCS' ? 'a second document starts: the file must contain only one document' : message;
      return { line: counter.linePos(offset).line, what };
    });
    if (diagnostics.length > 0) return { kind: 'unreadable', diagnostics };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { kind: 'read', value, lineOf: (path) => counter.linePos(offsetOf(document, path)).line };
  } catch (error) {
    // toJS() is recursive and resolves aliases, so the causes of these errors are deep nesting, too many aliases or
    // unknown aliases.
    if (!(error instanceof RangeError || error instanceof ReferenceError)) throw error;
    return { kind: 'unreadable', diagnostics: [{ what: error.message }] };
  }
}

/** Returns the offset of the deepest key or item of the path that exists in the text; follows aliases. */
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
