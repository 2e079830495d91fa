import { describe, expect, it } from 'vitest';
import { codePassages } from './code-passages.ts';
import type { Passage } from './sentences.ts';

const shown = (passages: readonly Passage[]): readonly string[] =>
  passages.map((words) => `${words[0]?.line}: ${words.map(({ text }) => text).join(' ')}`);

describe('comments', () => {
  const comments = (code: string): readonly string[] => shown(codePassages('a.ts', code).comments);

  it('joins line comments on consecutive lines', () => {
    expect(
      comments('// One sentence\n// on two lines.\nf(); // Another one.\n// A third one.\n\n// A fourth.\n'),
    ).toEqual(['1: One sentence on two lines.', '3: Another one.', '4: A third one.', '6: A fourth.']);
  });

  it('splits doc comments into paragraphs, list items and tags, without indented code', () => {
    const code =
      '/**\n * Reads a\n * file.\n *\n * - one\n *   item\n * - two\n *\n *     npm run x\n *\n * @param a the path @throws Error always\n */\n';
    expect(comments(code)).toEqual([
      '2: Reads a file.',
      '5: one item',
      '7: two',
      '11: @param a the path',
      '11: @throws Error always',
    ]);
  });

  it('skips directives, strings and regular expressions that look like comments', () => {
    expect(comments("// oxlint-disable-next-line x\nf('// no', `/* no */`, /[//]/);\n")).toEqual([]);
  });
});

describe('strings', () => {
  const strings = (code: string, path = 'a.ts'): readonly string[] => shown(codePassages(path, code).strings);

  it('joins concatenations and templates, with … for expressions', () => {
    expect(
      strings(
        "f('the image ' + name + ' is' +\n  ' broken');\ng(`no feed\ncovers ${x} or it\\'s ${`off the ${y}`}`);\n",
      ),
    ).toEqual(['1: the image … is broken', "3: no feed covers … or it's …", '4: off the …']);
  });

  it('splits at empty and indented lines', () => {
    expect(strings('f(`A scan of images.\n\nIt is\n  clair scan in the end\\n\\nThat is it.`);\n')).toEqual([
      '1: A scan of images.',
      '3: It is',
      '4: clair scan in the end',
      '4: That is it.',
    ]);
  });

  it('returns the lines of later words', () => {
    const [words] = codePassages('a.ts', 'f(`the a\\nb\n${x} c`);\n').strings;
    expect(words?.map(({ text, line }) => `${text} ${line}`)).toEqual(['the 1', 'a 1', 'b 1', '… 1', 'c 2']);
  });

  it.each([
    ["import a from 'the module of it';"],
    ["type A = 'a type of two';"],
    ["f('SELECT a FROM the_table WHERE x IN y');"],
    ["f('--a=b; --c: {d} in');"],
    ["f('button primary large');"],
  ])('skips %s', (code) => {
    expect(strings(code)).toEqual([]);
  });

  it('joins the text of an element with inline elements, and skips attributes without text', () => {
    const code =
      '<div class="in the end"><p title="Open the image">See <b>the <i>{x}</i></b>\n page.</p>{y("not an image")}</div>;';
    expect(strings(code, 'a.tsx')).toEqual(['1: See the … page.', '1: Open the image', '2: not an image']);
  });
});

it('rejects invalid syntax', () => {
  expect(() => codePassages('a.ts', 'const = 1;')).toThrow('a.ts: ');
});
