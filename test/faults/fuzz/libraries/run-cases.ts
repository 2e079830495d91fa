/**
 * Runs the cases of one process: `run-cases.ts SEED FROM TO`. Runs, for each mutated file, the detectors that would
 * read the file in an image. `../watch.ts` describes the messages.
 */
import { writeFileSync } from 'node:fs';
import { argv, cpuUsage, resourceUsage, stdout } from 'node:process';
import { ChunkedBytes } from '../../../../src/bytes/chunks/chunked-bytes.ts';
import type { Detector, FileFacts } from '../../../../src/worker/detectors/detector.ts';
import { DETECTORS } from '../../../../src/worker/detectors/index.ts';
import { factsOf } from '../../../../src/worker/layer/file-readings.ts';
import { isExecutableStart } from '../../../../src/worker/layer/patterns/executable-start.ts';
import { detectorsOfPath, indexPatterns } from '../../../../src/worker/layer/patterns/pattern-index.ts';
import { mutate } from '../mutations.ts';
import { randomOf } from '../random.ts';
import { keptPath, type Message } from '../watch.ts';
import { type LibrarySample, librarySamples } from './samples.ts';

/** The maximum processor time for one file; a longer read would block the event loop. */
const MAX_MILLISECONDS = 100;

const CHUNK_BYTES = 1000;

/** The number of reads, of which the fastest counts: compilation and garbage collection slow down single reads. */
const MEASUREMENTS = 4;

const [seed = 0, from = 0, to = 0] = argv.slice(2).map(Number);
const INDEX = indexPatterns(DETECTORS.filter(({ kind }) => kind === 'features'));
const SAMPLES = librarySamples();
const outcomes: Record<string, number> = {};
for (let number = from; number < to; number += 1) {
  say({ kind: 'case', number, megabytes: peakMegabytes() });
  const random = randomOf(seed, number);
  const sample = random.pick(SAMPLES);
  const { bytes, steps } = mutate(sample.bytes, random.pick(SAMPLES).bytes, random);
  const { outcome, complaint } = outcomeOf(sample, bytes);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (complaint === undefined) continue;
  writeFileSync(keptPath(seed, number), bytes);
  say({ kind: 'finding', number, what: `${sample.name}; ${steps.join(', ')}: ${complaint}` });
}
say({ kind: 'end', outcomes, megabytes: peakMegabytes() });

type CaseOutcome = { readonly outcome: string; readonly complaint?: string };

function outcomeOf(sample: LibrarySample, bytes: Buffer): CaseOutcome {
  try {
    const readers = [...detectorsOfPath(sample.path, INDEX), ...(isExecutableStart(bytes) ? INDEX.executables : [])];
    const facts = readers.map((reader) => factsOf(reader, sample.path, inChunks(bytes)));
    const slow = readers.find((reader) => leastMilliseconds(reader, sample, bytes) > MAX_MILLISECONDS);
    if (slow !== undefined) return { outcome: 'slow', complaint: `${slow.id} takes more than ${MAX_MILLISECONDS} ms` };
    if (facts.some(hasFeatures)) return { outcome: 'with features' };
    if (facts.some(({ diagnostics }) => diagnostics.length > 0)) return { outcome: 'with diagnostics' };
    if (readers.length === 0 || sample.isNone(bytes)) return { outcome: 'no evidence' };
    return { outcome: 'silent', complaint: 'no features, and no diagnostic that says so' };
  } catch (error) {
    return { outcome: 'crashed', complaint: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Splits a file into small chunks, so that some tables of a program are in two chunks. */
function inChunks(bytes: Buffer): ChunkedBytes {
  const slices = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
  return new ChunkedBytes(slices);
}

function hasFeatures({ features = [], marks = [] }: FileFacts): boolean {
  return features.length + marks.length > 0;
}

function leastMilliseconds(reader: Detector, { path }: LibrarySample, bytes: Buffer): number {
  let least = Infinity;
  for (let time = 0; time < MEASUREMENTS && least > MAX_MILLISECONDS; time += 1) {
    const before = cpuUsage();
    reader.read(path, bytes);
    const { user, system } = cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

function peakMegabytes(): number {
  return resourceUsage().maxRSS / 1024;
}

function say(message: Message): void {
  stdout.write(`${JSON.stringify(message)}\n`);
}
