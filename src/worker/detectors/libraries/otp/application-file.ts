import { type Token, tokensOf } from './tokens.ts';

/** The largest files list several hundred modules in 100 KiB. */
export const MAX_APPLICATION_BYTES: number = 1024 * 1024;

/** The name and version of an application; each is undefined if it is not in the file. */
export type Application = { readonly name: string | undefined; readonly version: string | undefined };

/**
 * Reads an Erlang application resource file, `{application, NAME, [{vsn, "VERSION"}, …]}.`. A `vsn` in a nested list is
 * ignored. Only a string is a version; build tools replace other values, such as `git`, with a string.
 *
 * Source: Erlang's manual page app(4).
 */
export function readApplicationFile(bytes: Uint8Array): Application {
  const tokens = tokensOf(new TextDecoder().decode(bytes.subarray(0, MAX_APPLICATION_BYTES)));
  const isApplication = ['{', 'application', ','].every((expected) => tokens.next().value?.text === expected);
  const name = isApplication ? tokens.next().value : undefined;
  if (name?.kind !== 'atom') return { name: undefined, version: undefined };
  return { name: name.text, version: versionIn(tokens) };
}

/**
 * The depth inside a property `{vsn, …}`: one level for the list of properties, and one for the tuple.
 * `readApplicationFile()` has already read the outermost brace.
 */
const DEPTH_OF_PROPERTY = 2;

/** Lists and tuples can be nested to any depth, so the depth is counted. */
function versionIn(tokens: Iterable<Token>): string | undefined {
  let depth = 0;
  let place: 'elsewhere' | 'after {' | 'after {vsn' | 'after {vsn,' = 'elsewhere';
  for (const { kind, text } of tokens) {
    if (place === 'after {vsn,') return kind === 'text' ? text : undefined;
    if (kind === 'mark' && (text === '{' || text === '[')) depth += 1;
    if (kind === 'mark' && (text === '}' || text === ']')) depth -= 1;
    if (depth < 0) return undefined;
    if (kind === 'mark' && text === '{' && depth === DEPTH_OF_PROPERTY) place = 'after {';
    else if (kind === 'atom' && text === 'vsn' && place === 'after {') place = 'after {vsn';
    else if (kind === 'mark' && text === ',' && place === 'after {vsn') place = 'after {vsn,';
    else place = 'elsewhere';
  }
  return undefined;
}
