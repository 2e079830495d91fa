/** An Erlang token; `other` is one character. */
export type Token = { readonly kind: 'atom' | 'mark' | 'other' | 'text'; readonly text: string };

const BLANK = /\s/;
const ATOM_START = /[a-z]/;
const ATOM = /[\w@]/;
const MARKS = '{}[],';

/** Yields the tokens of an Erlang term, up to an unterminated quoted text. Runs in linear time. */
export function* tokensOf(text: string): Generator<Token, undefined> {
  let at = 0;
  while (at < text.length) {
    const first = text.charAt(at);
    if (BLANK.test(first)) at += 1;
    else if (first === '%') at = endOfLine(text, at);
    else if (first === '"' || first === "'") {
      const end = endOfQuote(text, at);
      if (end === undefined) return undefined;
      yield { kind: first === '"' ? 'text' : 'atom', text: text.slice(at + 1, end).replace(/\\(.)/gs, '$1') };
      at = end + 1;
    } else if (ATOM_START.test(first)) {
      const end = endOfAtom(text, at);
      yield { kind: 'atom', text: text.slice(at, end) };
      at = end;
    } else {
      yield { kind: MARKS.includes(first) ? 'mark' : 'other', text: first };
      at += 1;
    }
  }
  return undefined;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function endOfAtom(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && ATOM.test(text.charAt(end))) end += 1;
  return end;
}

function endOfQuote(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote) return at;
  }
  return undefined;
}
