/** A word of a text, with the line (from 1) of the file that contains it. */
export type Word = { readonly text: string; readonly line: number };

/** A paragraph, list item, table cell, comment or string. */
export type Passage = readonly Word[];

/** A sentence with the line of its first word. */
export type Sentence = { readonly text: string; readonly line: number };

/** Shorter texts are labels or code, not sentences. */
const MIN_WORDS = { all: 4, outsideCode: 3 };

const END = /[.!?]["'”’`)*]*$/;
const ABBREVIATION = /^\(?(?:e\.g|i\.e|vs|cf|approx)\.$/i;
const START = /^["'“‘`(<*[]*[A-Z0-9-]/;

/** Splits a text into words. @param lineAt returns the line of an offset in the text */
export function wordsOf(text: string, lineAt: (offset: number) => number): Passage {
  return [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], line: lineAt(match.index) }));
}

/** Splits a passage into sentences of at least four words, three of them outside of `code`. */
export function sentencesOf(passage: Passage): readonly Sentence[] {
  const sentences: Sentence[] = [];
  let words: Word[] = [];
  for (const [index, word] of passage.entries()) {
    words.push(word);
    const next = passage[index + 1];
    const [first] = words;
    if (first === undefined || (next !== undefined && !isEnd(word.text, next.text))) continue;
    const text = words.map((each) => each.text).join(' ');
    if (isSentence(text)) sentences.push({ text, line: first.line });
    words = [];
  }
  return sentences;
}

function isSentence(text: string): boolean {
  const words = text.match(/\S*[a-z]\S*/gi) ?? [];
  const outsideCode = text.replace(/`[^`]*`/g, ' ').match(/\S*[a-z]\S*/gi) ?? [];
  return words.length >= MIN_WORDS.all && outsideCode.length >= MIN_WORDS.outsideCode;
}

function isEnd(word: string, next: string): boolean {
  return END.test(word) && !ABBREVIATION.test(word) && START.test(next);
}

/** Returns a function from an offset in a text to its line, from 1. */
export function linesOf(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
