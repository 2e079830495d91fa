/**
 * Reads the results that `npm test` writes if CLAIR_TEST_RESULTS names a file. `tsx scripts/test-results.ts --repeat
 * RESULTS` prints the failed files that CI runs again, one per line. `tsx scripts/test-results.ts RESULTS [REPEATED]`
 * prints all failures and the number of passed and failed tests, and exits with status 1 if a test failed (in both runs,
 * if the second run repeated it). The file of a run that did not end is empty.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { filesToRepeat, type TestResults, testSummary } from './test-results/results.ts';

const { values, positionals } = parseArgs({ options: { repeat: { type: 'boolean' } }, allowPositionals: true });
const [first, repeated] = positionals.map(resultsIn);
if (first === undefined) throw new Error('usage: test-results.ts [--repeat] RESULTS [REPEATED]');
if (values.repeat) {
  for (const path of filesToRepeat(first)) console.log(path);
} else {
  const { lines, hasPassed } = testSummary(first, repeated);
  for (const line of lines) console.log(line);
  if (!hasPassed) process.exitCode = 1;
}

function resultsIn(path: string): TestResults {
  const text = readFileSync(path, 'utf8');
  return text === '' ? { files: [], unhandled: ['the tests did not end'] } : (JSON.parse(text) as TestResults);
}
