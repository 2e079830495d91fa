import { expect, it } from 'vitest';
import { markdownPassages } from './markdown-passages.ts';

function passages(markdown: string): readonly string[] {
  return markdownPassages(markdown).map((words) => `${words[0]?.line}: ${words.map(({ text }) => text).join(' ')}`);
}

it('returns headings and paragraphs with their first line', () => {
  expect(passages('# Scan images\n\nReads the layers\nof an image.\n\nPrints a report.\n')).toEqual([
    '1: Scan images',
    '3: Reads the layers of an image.',
    '6: Prints a report.',
  ]);
});

it('returns each list item with its further lines', () => {
  expect(passages('* One item\n  on two lines.\n* Another\n\n    with a paragraph.\n1. A step.\n')).toEqual([
    '1: One item on two lines.',
    '3: Another',
    '5: with a paragraph.',
    '6: A step.',
  ]);
});

it('returns table cells and skips the rule below the head', () => {
  expect(passages('| Name | What it does |\n| --- | :--: |\n| `a` | x \\| y |\n')).toEqual([
    '1: Name',
    '1: What it does',
    '3: `a`',
    '3: x | y',
  ]);
});

it('skips code blocks, comments and link definitions', () => {
  expect(passages('a\n\n```sh\nclair scan\n```\n\n    indented code\n\n<!-- a\ncomment -->\n\n[a]: b\n\nz\n')).toEqual([
    '1: a',
    '14: z',
  ]);
});

it('keeps the text of links, images, emphasis, quotes and HTML', () => {
  expect(passages('> See [the `[a](b)` page](docs/a.md "title") and ![a picture](b.svg), **now**<br>.\n')).toEqual([
    '1: See the `[a](b)` page and a picture, now.',
  ]);
});
