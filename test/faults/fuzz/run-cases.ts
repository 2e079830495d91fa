/**
 * Runs the cases of one process: `run-cases.ts SEED FROM TO`. Sends the number of each case before the case runs, so
 * that the watcher can name the case in which the process hung or crashed. Also sends each failure, the counts of
 * outcomes, and the peak memory.
 */
import { rmSync } from 'node:fs';
import { argv, resourceUsage, stdout } from 'node:process';
import { bySize, corpusOf, type Sample } from './corpus.ts';
import { mutate } from './mutations.ts';
import { complaintOf, type Outcome, outcomeOf } from './outcome.ts';
import { type Random, randomOf } from './random.ts';
import { keptPath, type Message } from './watch.ts';

/** One in this many cases uses a large sample. */
const BIG_SHARE = 50;

const [seed = 0, from = 0, to = 0] = argv.slice(2).map(Number);
await runAll();

async function runAll(): Promise<void> {
  const corpus = await corpusOf();
  const originals = new Map<Sample, Outcome>();
  const path = keptPath(seed, from);
  for (const sample of corpus) originals.set(sample, await outcomeOf(sample, sample.wrap(sample.bytes), path));
  const { usual, big } = bySize(corpus);
  const outcomes: Record<string, number> = {};
  for (let number = from; number < to; number += 1) {
    say({ kind: 'case', number, megabytes: peakMegabytes() });
    const random = randomOf(seed, number);
    const sample = random.pick(big.length > 0 && random.below(BIG_SHARE) === 0 ? big : usual);
    const outcome = await runOne(number, sample, originals.get(sample), random.pick(usual), random);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  say({ kind: 'end', outcomes, megabytes: peakMegabytes() });
}

async function runOne(
  number: number,
  sample: Sample,
  original: Outcome | undefined,
  other: Sample,
  random: Random,
): Promise<string> {
  const { bytes, steps } = mutate(sample.bytes, other.bytes, random);
  const path = keptPath(seed, number);
  let complaint: string | undefined;
  let outcome: Outcome | undefined;
  try {
    outcome = await outcomeOf(sample, sample.wrap(bytes), path);
    complaint = original && complaintOf(sample, original, outcome);
  } catch (error) {
    complaint = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (complaint === undefined) rmSync(path);
  else say({ kind: 'finding', number, what: `${sample.name}; ${steps.join(', ')}: ${complaint}` });
  if (outcome?.kind === 'refused') return `${sample.form} refused: ${outcome.code}`;
  return outcome === undefined || outcome.packages === 0
    ? `${sample.form} without packages`
    : `${sample.form} with packages`;
}

function peakMegabytes(): number {
  return resourceUsage().maxRSS / 1024;
}

function say(message: Message): void {
  stdout.write(`${JSON.stringify(message)}\n`);
}
