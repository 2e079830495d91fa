import { Readable } from 'node:stream';

/** The length above which texts are streamed, because a long text can exceed the maximum length of a string. */
const MAX_TEXT_LENGTH = 4 * 1024 * 1024;

/** Returns the pieces of a response as a single text, or as a stream if the text is long. */
export function shortOrStream(pieces: Iterable<string>): string | Readable {
  const rest = pieces[Symbol.iterator]();
  let text = '';
  for (let next = rest.next(); ; next = rest.next()) {
    if (next.done === true) return text;
    text += next.value;
    if (text.length > MAX_TEXT_LENGTH) return Readable.from(chained(text, rest));
  }
}

function* chained(first: string, rest: Iterator<string>): Generator<string> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
