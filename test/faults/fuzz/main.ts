/**
 * Feeds mutated archives and databases to Clair and prints failures:
 *
 *     npm run fuzz -- --runs N --seed S     N cases
 *     npm run fuzz -- --case N --seed S     repeats one case
 */
import { availableParallelism } from 'node:os';
import process, { argv, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { fuzz, keptPath } from './watch.ts';

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
});
const [runs, seed, only] = [values.runs, values.seed, values.case ?? '0'].map(wholeNumber) as [number, number, number];
const cases = values.case === undefined ? ([0, runs] as const) : ([only, only + 1] as const);

const start = performance.now();
const { findings, outcomes } = await fuzz({
  seed,
  cases,
  processes: Math.min(availableParallelism(), cases[1] - cases[0]),
});
const seconds = (performance.now() - start) / 1000;
for (const [outcome, count] of Object.entries(outcomes).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  stdout.write(`${String(count).padStart(8)}  ${outcome}\n`);
}
for (const { number, what } of findings) {
  stdout.write(`\nFOUND by --seed ${seed} --case ${number}, kept as ${keptPath(seed, number)}: ${what}\n`);
}
stdout.write(
  `\n${cases[1] - cases[0]} cases of seed ${seed} in ${seconds.toFixed(0)} s: ${findings.length} findings\n`,
);
if (findings.length > 0) process.exitCode = 1;

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`"${text}" is not an integer`);
}
