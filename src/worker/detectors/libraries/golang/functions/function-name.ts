import { closureStart, mayBeClosure } from './closure-suffix.ts';

/** One entry of the function name block. Texts are UTF-8 read as Latin-1. */
export type FunctionName = {
  /** The import path, without the directory of vendored packages; `main` for the main package. */
  readonly path: string;
  /**
   * The symbol as in advisories: `Parse`, `Server.Serve`, `init#1`. For a closure, the name of the function that
   * encloses it, as in the file.
   */
  readonly symbol: string;
  /**
   * The path in the file and the dot after the path; all names of the package start with this prefix. Empty for a path
   * with a bracket.
   */
  readonly prefix: string;
  /** Whether the name belongs to a closure or wrapper; advisories do not name closures and wrappers. */
  readonly isClosure: boolean;
};

/** The vendor directory of GOPATH. The import path of a package follows the last vendor directory in the path. */
const VENDOR = '/vendor/';

const POINTER_RECEIVER = /\(\*([^()]*)\)/g;

/**
 * Splits a name as the linker writes it. Returns undefined for names that the compiler generates, such as `type:.eq.…`
 * and `go:…` (up to Go 1.19 `type..eq.…` and `go.…`), and for names from assembly and C code.
 *
 * Source: `cmd/internal/objabi/path.go` (escapes), `cmd/compile/internal/ir/func.go` (closures).
 */
export function functionName(name: string): FunctionName | undefined {
  if (name.startsWith('type:') || name.startsWith('go:') || name.startsWith('type..')) return undefined;
  const plain = withoutTypeArguments(name);
  const receiver = plain.indexOf('(');
  const slash = receiver === 0 ? -1 : plain.lastIndexOf('/', receiver === -1 ? plain.length : receiver);
  const dot = plain.indexOf('.', slash + 1);
  if (dot <= 0 || (receiver !== -1 && receiver < dot) || dot === plain.length - 1) return undefined;
  const escaped = plain.slice(0, dot);
  // Packages whose path starts with `go.`, such as go.uber.org/zap, have a slash. No package is called `type`.
  if (escaped === 'go' || escaped === 'type' || escaped.includes(' ')) return undefined;
  return {
    path: importPath(escaped),
    prefix: escaped.includes('[') ? '' : plain.slice(0, dot + 1),
    ...symbolOf(plain.slice(dot + 1)),
  };
}

function importPath(escaped: string): string {
  const path = escaped.includes('%') ? escaped.replaceAll(/%([0-9a-fA-F]{2})/g, unescaped) : escaped;
  const vendor = path.lastIndexOf(VENDOR);
  return vendor === -1 ? path : path.slice(vendor + VENDOR.length);
}

function unescaped(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

function symbolOf(written: string): Pick<FunctionName, 'symbol' | 'isClosure'> {
  const bytes = Buffer.from(written, 'latin1');
  if (!mayBeClosure(bytes, bytes.length)) return { symbol: plainSymbol(written), isClosure: false };
  const [, initNumber] = /^init\.(\d{1,9})$/.exec(written) ?? [];
  if (initNumber !== undefined) return { symbol: `init#${Number(initNumber) + 1}`, isClosure: false };
  const end = closureStart(bytes, 0, bytes.length);
  return end === written.length
    ? { symbol: plainSymbol(written), isClosure: false }
    : { symbol: written.slice(0, end), isClosure: true };
}

/** Returns the symbol as advisories write it, without the star and brackets of a method: `T.M` for `(*T).M`. */
export function plainSymbol(written: string): string {
  if (!written.includes('(')) return written;
  const end = written.indexOf(')');
  const isMethodAlone = written.startsWith('(*') && end !== -1 && !written.includes('(', 2);
  if (isMethodAlone) return written.slice(2, end) + written.slice(end + 1);
  return written.replaceAll(POINTER_RECEIVER, '$1');
}

/**
 * Removes type arguments with their brackets; if an opening bracket is not closed, removes everything from the first
 * opening bracket to the last closing bracket.
 */
function withoutTypeArguments(name: string): string {
  const first = name.indexOf('[');
  if (first === -1) return name;
  let plain = name.slice(0, first);
  let depth = 0;
  let start = first;
  for (let at = first; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code === 0x5b) {
      if (depth === 0) plain += name.slice(start, at);
      depth += 1;
    } else if (code === 0x5d && depth > 0) {
      depth -= 1;
      start = at + 1;
    }
  }
  if (depth === 0) return plain + name.slice(start);
  return name.slice(0, first) + name.slice(Math.max(first, name.lastIndexOf(']')) + 1);
}
