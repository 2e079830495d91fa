import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonRules } from './compared-lists.ts';
import { type Difference, differencesOf } from './differences.ts';
import type { JsonValue } from './json-value.ts';
import { type ExpectedDifference, type JudgedDifference, judgedDifferences } from './judged-differences.ts';
import { type Rename, renamedFields } from './renamed-fields.ts';
import { renamedWords, type WordRename } from './renamed-words.ts';

export type FolderComparison = {
  readonly files: number;
  readonly differences: readonly JudgedDifference[];
  /** The renames and expected differences that match nothing, because they are mistyped or obsolete. */
  readonly unusedRenames: readonly Rename[];
  readonly unusedExpected: readonly ExpectedDifference[];
};

/**
 * Compares the files of two output folders of `write.ts`. A file in only one folder is a difference.
 *
 * @throws Error for a folder without output files, and for renames that cannot be applied
 */
export function comparedFolders(
  before: string,
  after: string,
  renames: readonly Rename[],
  expected: readonly ExpectedDifference[],
  words: readonly WordRename[] = [],
): FolderComparison {
  const [old, present] = [filesIn(before), filesIn(after)];
  const rules = comparisonRules(renames);
  const differences: JudgedDifference[] = [];
  let unusedRenames = renames;
  let files = 0;
  for (const file of [...new Set([...old, ...present])].toSorted()) {
    const image = file.replace(/\.json$/, '');
    let found: readonly Difference[];
    if (!present.has(file)) found = [{ kind: 'removed', path: '', where: 'the file' }];
    else if (!old.has(file)) found = [{ kind: 'added', path: '', where: 'the file' }];
    else {
      files += 1;
      const { value, unused } = renamedFields(contentOf(before, file), renames);
      unusedRenames = unusedRenames.filter((rename) => unused.includes(rename));
      found = differencesOf(renamedWords(value, words), contentOf(after, file), rules);
    }
    for (const each of judgedDifferences(image, found, expected)) differences.push(each);
  }
  const used = new Set(differences.map((difference) => difference.expected));
  return { files, differences, unusedRenames, unusedExpected: expected.filter((entry) => !used.has(entry)) };
}

function filesIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`${folder} has no reports`);
  return new Set(files);
}

function contentOf(folder: string, file: string): JsonValue {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}
