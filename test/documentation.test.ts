import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const MAX_WORDS = 2000;
const MAX_WORDS_OF_README = 700;
const MAX_WORDS_OF_ALL = 20_000;

/** Paths of the same form that are not pages of Clair: a file of rpm that a comment cites, and a made-up page in a test. */
const CITED = new Set(['docs/manual/format_header.md', 'docs/a.md']);

const TOP = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md', 'CHANGELOG.md'];
const pages = [...TOP, ...['docs', '.github'].flatMap(filesBelow).filter((path) => path.endsWith('.md'))];
const written = pages.filter((path) => path !== 'CHANGELOG.md' && !isGenerated(path));

type Reference = { readonly path: string; readonly anchor: string };

describe('a link', () => {
  it('is found in text, in a picture and across lines, but not in code', () => {
    const text = 'See [a\nb](c.md#d) and <img src="e.png">.\n\n    [no](f.md)\n\nOr `[no](g.md)`, [h](#i).\n';
    expect(linksIn(text)).toEqual(['c.md#d', '#i', 'e.png']);
  });

  it('has the anchor that GitHub makes of a heading', () => {
    const text = '# The `/v2` API, *new*\n\n## Same\n\n## Same\n\n    # code\n\n### See [x](y.md)\n';
    expect([...anchorsOf(text)]).toEqual(['the-v2-api-new', 'same', 'same-1', 'see-x']);
  });

  it.each(pages)('of %s leads to a file and a heading that exist', (page) => {
    const broken = linksIn(read(page)).filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });
});

describe('the code', () => {
  const folders = ['src', 'web', 'test', 'bench', 'scripts', 'deploy', 'integrations'];
  const files = [...folders.flatMap(filesBelow), 'config.example.yaml'].filter((path) => isText(path));

  it('mentions only pages and headings that exist', () => {
    const mentioned = files.flatMap((file) => mentionsIn(read(file)).map((mention) => ({ file, ...mention })));
    expect(mentioned.length).toBeGreaterThan(20);
    const broken = mentioned.filter(({ path, anchor }) => !CITED.has(path) && !exists({ path, anchor }));
    expect(broken).toEqual([]);
  });
});

describe('the documentation', () => {
  it('has no page that no other page links to', () => {
    const linked = new Set(
      pages.flatMap((page) => linksIn(read(page)).flatMap((link) => targetOf(page, link)?.path ?? [])),
    );
    const isDecision = (path: string): boolean => path.includes('/adr/');
    expect(pages.filter((path) => path.startsWith('docs/') && !isDecision(path) && !linked.has(path))).toEqual([]);
  });

  it(`has at most ${MAX_WORDS} words in each page that is not generated`, () => {
    expect(written.map((path) => [path, wordsOf(path)]).filter(([, words = 0]) => Number(words) > MAX_WORDS)).toEqual(
      [],
    );
    expect(wordsOf('README.md')).toBeLessThanOrEqual(MAX_WORDS_OF_README);
  });

  it(`has at most ${MAX_WORDS_OF_ALL} words in all pages that are not generated`, () => {
    expect(written.reduce((sum, path) => sum + wordsOf(path), 0)).toBeLessThanOrEqual(MAX_WORDS_OF_ALL);
  });
});

/** Returns whether the first line of a page names the script that writes the page. */
function isGenerated(path: string): boolean {
  return /scripts\/write-[a-z0-9-]+\.ts/.test(read(path).split('\n', 1)[0] ?? '');
}

/** Counts as `wc -w` does, without table borders and other marks. */
function wordsOf(path: string): number {
  return read(path)
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

function linksIn(text: string): readonly string[] {
  const prose = withoutCode(text).replaceAll(/`[^`]*`/g, '``');
  const links = prose.matchAll(/\]\(([^()\s]+)\)/g);
  const pictures = prose.matchAll(/ (?:src|srcset|href)="([^"\s]+)"/g);
  return [...links, ...pictures].map(([, target = '']) => target);
}

/** Returns the anchors of the headings, in the form of GitHub. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = slugOf(heading);
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** Removes fenced blocks, and indented blocks behind an empty line. */
function withoutCode(text: string): string {
  return text.replaceAll(/^(`{3,}|~{3,})[^]*?^\1$/gm, '').replaceAll(/(?<=^|\n)\n(?: {4}.*\n|\n)+/g, '\n\n');
}

/** Finds `docs/….md` with an anchor, or with the heading in quotes as in `docs/….md, "Heading"`. */
function mentionsIn(text: string): readonly Reference[] {
  const mentions = text.matchAll(/(?<![\w./-])docs\/[\w./-]+?\.md\b(?:#([\w-]+)|,? \(?"([^"\n]+)"\)?)?/g);
  return [...mentions].map(([mention, anchor, heading]) => ({
    path: /^docs\/[\w./-]+?\.md/.exec(mention)?.[0] ?? '',
    anchor: anchor ?? slugOf(heading ?? ''),
  }));
}

function leadsSomewhere(page: string, link: string): boolean {
  const target = targetOf(page, link);
  return target !== undefined && exists(target);
}

/** Returns the file of a relative link, from the root of the repository; undefined for an address of the web. */
function targetOf(page: string, link: string): Reference | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor = ''] = link.split('#');
  return { path: path === '' ? page : join(dirname(page), path), anchor };
}

function exists({ path, anchor }: Reference): boolean {
  const file = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (file === undefined || anchor === '') return file !== undefined;
  // Lines of a file of code have anchors of their own, which no page uses.
  return path.endsWith('.md') && anchorsOf(read(path)).has(anchor);
}

function isText(path: string): boolean {
  return (
    /\.(ts|tsx|mjs|css|sql|sh|yml|yaml|tpl|txt|json|conf)$|(^|\/)Dockerfile$/.test(path) && !path.includes('/testdata/')
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules/'))
    .toSorted();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
