/**
 * Draws sentences of the project at random, for a review of the language. `npx tsx scripts/sample-sentences.ts --seed 7
 * --count 200` prints 200 sentences of each kind as tab-separated lines of kind, file:line and sentence. The same seed
 * draws the same sentences from the same files. Prints the number of sentences of each kind to standard error.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { projectSentences } from './prose/project-sentences.ts';
import { sample } from './prose/sample.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({
  args: argv.slice(2),
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '200' } },
});

const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const sentences = projectSentences(files, (path) => readFileSync(join(ROOT, path), 'utf8'));
for (const [kind, all] of sentences) {
  const drawn = sample(all, integerOf('count', values.count), integerOf('seed', values.seed));
  stderr.write(`${kind}: ${drawn.length} of ${all.length} sentences\n`);
  for (const { file, line, text } of drawn) stdout.write(`${kind}\t${file}:${line}\t${text}\n`);
}

function integerOf(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${option} takes an integer from 0 to 999999999, not "${text}"`);
}
