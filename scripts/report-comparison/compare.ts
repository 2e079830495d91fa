/**
 * Compares what `write.ts` wrote before and after a change, field by field: `npx tsx scripts/report-comparison/compare.ts BEFORE
 * AFTER`. `renames.ts` lists the fields that were renamed, `expected-differences.ts` the differences that are meant; with
 * `--no-renames` both sides have the same names. Exit status 1 if there is any other difference.
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
  ...unusedRenames.map(({ from }) => `no file has ${from}, which renames.ts lists`),
  ...unusedExpected.map(({ kind, path }) => `nothing is ${kind} at ${path}, which expected-differences.ts lists`),
  `${files} files compared: ${unexpected.length} unexpected differences, ${differences.length - unexpected.length} expected`,
];
for (const line of lines) stdout.write(`${line}\n`);
process.exitCode = unexpected.length === 0 ? 0 : 1;
