import { Lexer, Parser } from 'yaml';

/** The maximum number of collections around a value. */
export const MAX_YAML_DEPTH = 100;

/**
 * Returns whether the collections of a YAML text are nested more than {@link MAX_YAML_DEPTH} levels deep. Call this
 * function before parsing a text: the parser is recursive, and Node aborts the process if a regular expression is
 * compiled while the stack is almost full (`RegExpCompiler Allocation failed`). The lexer and the token parser, which
 * this check uses, are not recursive. Takes time linear in the length of the text.
 */
export function isNestedTooDeeply(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) continue;
    if (parser.stack.length > MAX_YAML_DEPTH && parser.stack.filter(isCollection).length > MAX_YAML_DEPTH) return true;
  }
  return false;
}

/** The document and a scalar are also on the stack of the parser. */
function isCollection({ type }: Parser['stack'][number]): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}
