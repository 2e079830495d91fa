import { codePassages } from './code-passages.ts';
import { markdownPassages } from './markdown-passages.ts';
import { type Passage, type Sentence, sentencesOf } from './sentences.ts';

/** The kinds of texts that people read. */
export type ProseKind = 'help and errors' | 'docs' | 'comments' | 'web UI';

/** A sentence with its file, relative to the root of the repository. */
export type FileSentence = Sentence & { readonly file: string };

const CODE = /^(?:src|web|test|bench|scripts)\/.*\.(?:ts|tsx|mjs)$/;
const TEST = /\.test\.tsx?$|\/testing\//;

/**
 * Returns the distinct sentences of each kind in the order of the files. The kinds are strings of the program,
 * Markdown, comments of all code, and strings of the web UI. Test data is not read.
 */
export function projectSentences(
  files: readonly string[],
  read: (path: string) => string,
): ReadonlyMap<ProseKind, readonly FileSentence[]> {
  const found = new Map<ProseKind, Map<string, FileSentence>>([
    ['help and errors', new Map()],
    ['docs', new Map()],
    ['comments', new Map()],
    ['web UI', new Map()],
  ]);
  const add = (kind: ProseKind, file: string, passages: readonly Passage[]): void => {
    for (const sentence of passages.flatMap(sentencesOf)) {
      const texts = found.get(kind);
      if (texts?.has(sentence.text) === false) texts.set(sentence.text, { ...sentence, file });
    }
  };
  for (const file of files.filter((path) => !path.includes('testdata/')).toSorted()) {
    if (file.endsWith('.md')) add('docs', file, markdownPassages(read(file)));
    if (!CODE.test(file)) continue;
    const { comments, strings } = codePassages(file, read(file));
    add('comments', file, comments);
    if (TEST.test(file)) continue;
    if (file.startsWith('src/')) add('help and errors', file, strings);
    if (file.startsWith('web/')) add('web UI', file, strings);
  }
  return new Map([...found].map(([kind, texts]) => [kind, [...texts.values()]]));
}
