/**
 * Checks the terms of all texts that people read: help, errors, docs, comments and the web UI. `.textlintrc.json` lists
 * the words to avoid, each with its replacement. Prints each use with its file and line, and exits with status 1 if it
 * finds any.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { createLinter, loadTextlintrc } from 'textlint';
import { type FileSentence, projectSentences } from './prose/project-sentences.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const sentences = projectSentences(files, (path) => readFileSync(join(ROOT, path), 'utf8'));
const descriptor = await loadTextlintrc({ configFilePath: join(ROOT, '.textlintrc.json') });
const linter = createLinter({ descriptor });

let found = 0;
for (const ofKind of sentences.values()) {
  // Each sentence is a paragraph of one line, so the line number of a message identifies its sentence.
  const text = ofKind.map(({ text: sentence }) => sentence.replaceAll(/`[^`]*`/g, '`code`')).join('\n\n');
  for (const { line, message } of (await linter.lintText(text, 'sentences.txt')).messages) {
    found += 1;
    stdout.write(`${placeOf(ofKind[(line - 1) / 2])}: ${message}\n`);
  }
}
if (found > 0) {
  stdout.write(`${found} terms to replace\n`);
  exit(1);
}

function placeOf(sentence: FileSentence | undefined): string {
  return sentence === undefined ? 'unknown place' : `${sentence.file}:${sentence.line}`;
}
