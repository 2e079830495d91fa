import { expect, it } from 'vitest';
import { linesOf, type Sentence, sentencesOf, wordsOf } from './sentences.ts';

function sentences(text: string): readonly Sentence[] {
  return sentencesOf(wordsOf(text, linesOf(text)));
}

it('splits a text at the end of sentences and joins lines', () => {
  expect(sentences('Reads a file\nof any size. Writes it again\n(and again). Does nothing else!')).toEqual([
    { text: 'Reads a file of any size.', line: 1 },
    { text: 'Writes it again (and again).', line: 2 },
  ]);
});

it.each([
  'It accepts images, e.g. Debian and Alpine ones.',
  'Runs with Node 20.19. and later ones.',
  'Reads config.example.yaml. or another file.',
])('keeps "%s" whole', (text) => {
  expect(sentences(text).map((each) => each.text)).toEqual([text]);
});

it('skips texts of fewer than four words, and code', () => {
  expect(sentences('Not a sentence. 1 2 3 — 4 A `b c d` E. This one is long enough.')).toEqual([
    { text: 'This one is long enough.', line: 1 },
  ]);
});

it('returns the line of an offset', () => {
  const lineAt = linesOf('a\nbc\n\nd');
  expect([0, 1, 2, 4, 5, 6].map(lineAt)).toEqual([1, 1, 2, 2, 3, 4]);
});
