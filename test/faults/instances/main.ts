/**
 * Sends the requests of many clients to three Clair instances while the instances and PostgreSQL are killed and
 * restarted and connections break, and prints failures:
 *
 *     npm run faults -- --seconds N --seed S
 */
import process, { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runFaults } from './fault-run.ts';

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    images: { type: 'string', default: '500' },
    keep: { type: 'boolean', default: false },
  },
});
const [seconds, seed, images] = [values.seconds, values.seed, values.images].map(wholeNumber) as [
  number,
  number,
  number,
];

const SECONDS_PER_VERSION = 30;

// process.exit also ends the child processes.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const start = performance.now();
const say = (what: string): void => {
  stdout.write(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  ${what}\n`);
};
say(`${images} images, ${seconds} s of faults, seed ${seed}`);
const { failures, counts, digest, folder } = await runFaults({
  seconds,
  seed,
  images,
  versions: Math.max(3, Math.round(seconds / SECONDS_PER_VERSION)),
  program: [fileURLToPath(new URL('../../../dist/main.js', import.meta.url))],
  isCached: values.keep,
  say,
});
stdout.write('\n');
for (const [what, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  stdout.write(`${String(count).padStart(8)}  ${what}\n`);
}
stdout.write(`\ntable digest ${digest}\n`);
for (const failure of failures) stdout.write(`\nWRONG: ${failure}\n`);
stdout.write(`\n${failures.length} failures with --seed ${seed} --seconds ${seconds} --images ${images}\n`);
if (failures.length > 0 || values.keep) stdout.write(`the logs are in ${folder}\n`);
if (failures.length > 0) process.exitCode = 1;

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`"${text}" is not an integer`);
}
