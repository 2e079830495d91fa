import { linesOf, type Passage, type Word, wordsOf } from './sentences.ts';

const FENCE = /^\s*(?:```|~~~)/;
const LIST_ITEM = /^\s*(?:[*+-]|\d+\.)\s+/;
const TABLE_RULE = /^\s*\|?[\s|:-]+\|[\s|:-]*$/;

/** Returns the paragraphs, headings, list items and table cells of a Markdown text, without code blocks and markup. */
export function markdownPassages(markdown: string): readonly Passage[] {
  const passages: Passage[] = [];
  let words: Word[] = [];
  let [isCode, isList] = [false, false];
  const end = (): void => {
    if (words.length > 0) passages.push(words);
    words = [];
  };
  const lines = withoutMarkup(markdown).split('\n');
  for (const [index, line] of lines.entries()) {
    if (FENCE.test(line)) {
      end();
      isCode = !isCode;
      continue;
    }
    if (isCode) continue;
    const text = line.replace(/^[\s>]+/, '');
    if (text === '') {
      end();
      continue;
    }
    if (LIST_ITEM.test(line)) isList = true;
    else if (!/^\s/.test(line) && words.length === 0) isList = false;
    if (/^ {4}/.test(line) && !isList && words.length === 0) continue;
    if (text.startsWith('|')) {
      end();
      if (!TABLE_RULE.test(text)) passages.push(...cellsOf(text).map((cell) => wordsOf(cell, () => index + 1)));
      continue;
    }
    if (/^#+ /.test(text) || LIST_ITEM.test(line)) end();
    words.push(...wordsOf(text.replace(/^#+ +/, '').replace(LIST_ITEM, ''), () => index + 1));
    if (/^#+ /.test(text)) end();
  }
  end();
  return passages;
}

function cellsOf(row: string): readonly string[] {
  return row
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim())
    .filter((cell) => cell !== '');
}

/** Replaces links with their texts and removes comments, HTML tags and emphasis, without changing the lines. */
function withoutMarkup(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, breaksOf)
    .replace(/!?\[((?:[^\]`]|`[^`]*`)*)\]\(([^)\s]*)(?:\s+"[^"]*")?\)/g, '$1')
    .replace(/^\[[^\]]+\]: .*$/gm, '')
    .replace(/<\/?[a-z][^>`]*>/g, breaksOf)
    .replaceAll('**', '');
}

function breaksOf(text: string): string {
  return '\n'.repeat(linesOf(text)(text.length) - 1);
}
