/**
 * The figures of the README. Each is a ratio of speeds between Clair and a stated reference, both measured in this run,
 * in turns and in processes of their own; the median of the pairs counts. Peak memory is that of the whole process.
 *
 *     npm run bench               all figures
 *     npm run bench -- FIGURE     one of them
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, resourceUsage, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { feedImport, feedReimport } from './feed-import.ts';
import type { Figure, Run } from './figure.ts';
import { layerAnalysis } from './layer-analysis.ts';

const FIGURES: readonly Figure[] = [feedImport, feedReimport, layerAnalysis];

/** Pairs of runs that count, after one that does not. */
const PAIRS = 5;

type Side = 'subject' | 'reference';
type Measured = Run & { readonly megabytes: number };

const [wanted, side, folder] = argv.slice(2);
const figures = FIGURES.filter(({ id }) => wanted === undefined || id === wanted);
if (figures.length === 0)
  throw new Error(`there is no figure ${wanted}; there are ${FIGURES.map(({ id }) => id).join(', ')}`);
if (side === 'subject' || side === 'reference') await measureHere(figures, side, folder ?? '');
else await measureAll();

async function measureHere([figure]: readonly Figure[], which: Side, where: string): Promise<void> {
  const run = await figure?.[which](where);
  stdout.write(JSON.stringify({ ...run, megabytes: resourceUsage().maxRSS / 1024 }));
}

async function measureAll(): Promise<void> {
  stdout.write(`Node ${version}, ${availableParallelism()} processors; medians of ${PAIRS} pairs of runs\n`);
  for (const figure of figures) {
    const where = mkdtempSync(join(tmpdir(), `clair-bench-${figure.id}-`));
    try {
      await figure.prepare(where);
      report(figure, measurePairs(figure, where));
    } finally {
      rmSync(where, { recursive: true, force: true });
    }
  }
}

function measurePairs(figure: Figure, where: string): readonly Record<Side, Measured>[] {
  const pairs: Record<Side, Measured>[] = [];
  for (let pair = 0; pair <= PAIRS; pair += 1) {
    const measured = { subject: measure(figure, 'subject', where), reference: measure(figure, 'reference', where) };
    if (pair > 0) pairs.push(measured);
  }
  return pairs;
}

function measure(figure: Figure, which: Side, where: string): Measured {
  for (const name of ['subject.db', 'reference.db']) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(where, name + suffix), { force: true });
  }
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), figure.id, which, where];
  const { stdout: text, stderr, status } = spawnSync(execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${figure.id} ${which} failed: ${stderr}`);
  return JSON.parse(text) as Measured;
}

function report(figure: Figure, pairs: readonly Record<Side, Measured>[]): void {
  const ratio = median(pairs.map(({ subject, reference }) => reference.milliseconds / subject.milliseconds));
  const of = (which: Side): string => {
    const time = median(pairs.map((pair) => pair[which].milliseconds));
    const memory = median(pairs.map((pair) => pair[which].megabytes));
    return `${time.toFixed(0)} ms, peak memory ${memory.toFixed(0)} MB (${pairs[0]?.[which].what})`;
  };
  const aim = figure.aim === undefined ? '' : ` (aim: at least ${figure.aim})`;
  stdout.write(`
${figure.title}
  ${ratio.toFixed(2)} times the speed of ${figure.against}${aim}
  Clair      ${of('subject')}
  reference  ${of('reference')}
`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
