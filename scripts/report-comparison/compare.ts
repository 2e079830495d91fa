/**
 * Compares the output of `write.ts` before and after a change, field by field: `npx tsx
 * scripts/report-comparison/compare.ts BEFORE AFTER`. `renames.ts` lists renamed fields, and `expected-differences.ts`
 * lists intended differences; `--no-renames` is for outputs that already use the same names. Exits with status 1 for
 * any other difference.
 */
import process, { argv, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { comparedFolders } from './differences/compared-folders.ts';
import { countLines, differenceLine } from './differences/comparison-text.ts';
import { EXPECTED_DIFFERENCES } from './expected-differences.ts';
import { RENAMES, WORD_RENAMES } from './renames.ts';

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { 'no-renames': { type: 'boolean', default: false } },
});
const [before, after, ...others] = positionals;
if (before === undefined || after === undefined || others.length > 0) {
  throw new Error('usage: compare.ts BEFORE AFTER [--no-renames]');
}
const renames = values['no-renames'] ? [] : RENAMES;
const { files, differences, unusedRenames, unusedExpected } = comparedFolders(
  before,
  after,
  renames,
  EXPECTED_DIFFERENCES,
  values['no-renames'] ? [] : WORD_RENAMES,
);
const unexpected = differences.filter(({ expected }) => expected === undefined);
const lines = [
  ...unexpected.map(differenceLine),
  ...countLines(differences),
  ...unusedRenames.map(({ from }) => `renames.ts lists ${from}, which is in no file`),
  ...unusedExpected.map(
    ({ kind, path }) => `expected-differences.ts lists ${path}, but no difference is ${kind} there`,
  ),
  `${files} files compared: ${unexpected.length} unexpected differences, ${differences.length - unexpected.length} expected`,
];
for (const line of lines) stdout.write(`${line}\n`);
process.exitCode = unexpected.length === 0 ? 0 : 1;
