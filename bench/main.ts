/**
 * Measures the figures of the documentation. Most figures are ratios of speeds between Clair and a stated reference:
 * Clair and the reference run alternately in separate processes, and the figure is the median of the pairs. Peak memory
 * covers the whole process. The other figures print lines of text.
 *
 *     npm run bench               all figures
 *     npm run bench -- FIGURE...  some figures
 *     npm run bench -- api-memory --minutes 10
 *     npm run bench -- --tiny     each figure once with tiny inputs: a test of the benches, not a measurement
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ignoreExtraCertificates } from './extra-certificates.ts';
import { type Course, type Figure, FigureUnavailable, type Run, type Side } from './figure.ts';
import { type Measured, printRun } from './printed-run.ts';
import { isTiny, TINY_VARIABLE } from './size.ts';

/** Each figure is loaded separately, so that a process loads only the modules of its figure. */
const FIGURES: Readonly<Record<string, () => Promise<Figure | Course>>> = {
  'feed-import': async () => (await import('./feed-import.ts')).feedImport,
  'feed-reimport': async () => (await import('./feed-import.ts')).feedReimport,
  'debian-import': async () => (await import('./large-feeds.ts')).debianImport,
  'debian-reimport': async () => (await import('./large-feeds.ts')).debianReimport,
  'ubuntu-import': async () => (await import('./large-feeds.ts')).ubuntuImport,
  'ubuntu-reimport': async () => (await import('./large-feeds.ts')).ubuntuReimport,
  'opensuse-import': async () => (await import('./large-feeds.ts')).opensuseImport,
  'opensuse-reimport': async () => (await import('./large-feeds.ts')).opensuseReimport,
  'almalinux-import': async () => (await import('./large-feeds.ts')).almalinuxImport,
  'almalinux-reimport': async () => (await import('./large-feeds.ts')).almalinuxReimport,
  'osv-import': async () => (await import('./osv-feed.ts')).osvImport,
  'osv-reimport': async () => (await import('./osv-feed.ts')).osvReimport,
  'layer-gzip': async () => (await import('./layer-analysis.ts')).gzipLayer,
  'layer-zstd': async () => (await import('./layer-analysis.ts')).zstdLayer,
  'layer-xz': async () => (await import('./layer-analysis.ts')).xzLayer,
  'layer-plain': async () => (await import('./layer-analysis.ts')).plainLayer,
  'file-digests': async () => (await import('./layer-analysis.ts')).fileDigests,
  'layer-big': async () => (await import('./layer-analysis.ts')).bigLayer,
  'tiny-files': async () => (await import('./tiny-files.ts')).tinyFiles,
  'dpkg-file-lists': async () => (await import('./file-lists.ts')).dpkgFileLists,
  'rpm-file-lists': async () => (await import('./file-lists.ts')).rpmFileLists,
  'apk-file-lists': async () => (await import('./file-lists.ts')).apkFileLists,
  'patterns-tiny': async () => (await import('./path-patterns.ts')).patternsTiny,
  'patterns-real': async () => (await import('./path-patterns.ts')).patternsReal,
  'library-files': async () => (await import('./libraries/library-files.ts')).libraryFiles,
  'library-absent': async () => (await import('./libraries/library-files.ts')).libraryAbsent,
  'go-modules': async () => (await import('./libraries/go-programs.ts')).goModules,
  'go-functions': async () => (await import('./libraries/go-programs.ts')).goFunctions,
  'go-program': async () => (await import('./libraries/go-programs.ts')).goProgram,
  'java-archives': async () => (await import('./java-archives.ts')).javaArchives,
  log4shell: async () => (await import('./log4shell.ts')).log4shell,
  'recognised-programs': async () => (await import('./libraries/library-files.ts')).recognisedPrograms,
  'image-analysis': async () => (await import('./image-analysis.ts')).imageAnalysis,
  'image-threads': async () => (await import('./image-analysis.ts')).imageThreads,
  'api-reads-stable': async () => (await import('./api-load.ts')).readsOfStableGeneration,
  'api-reads-first': async () => (await import('./api-load.ts')).readsOfFirstGeneration,
  'api-update': async () => (await import('./api-load.ts')).readsDuringUpdate,
  'api-schedule': async () => (await import('./api-load.ts')).readsDuringSchedule,
  'api-submissions': async () => (await import('./api-submissions.ts')).layerSubmissions,
  'image-queue': async () => (await import('./image-queue.ts')).imageQueue,
  'api-memory': async () => (await import('./api-memory.ts')).memoryUnderLoad,
  'first-report': async () => (await import('./first-report/first-report.ts')).firstReport,
  'report-json': async () => (await import('./report/report-json.ts')).reportJson,
  'web-frames': async () => (await import('./web/web-frames.ts')).webFrames,
  'web-questions': async () => (await import('./web/web-questions.ts')).webQuestions,
  'hostile-archives': async () => (await import('./hostile-archives.ts')).hostileArchives,
  snyk: async () => (await import('./snyk.ts')).againstSnyk,
};

/**
 * The figures that start processes even with tiny inputs: one figure runs from source, the other runs a built program.
 */
const IN_PROCESSES: ReadonlySet<string> = new Set(['tiny-files', 'image-analysis']);

const PAIRS = 5;

const { positionals, values: child } = parseArgs({
  allowPositionals: true,
  // The first two options are for child processes: the side to run, and the folder.
  options: {
    side: { type: 'string' },
    folder: { type: 'string', default: '' },
    minutes: { type: 'string', default: '1' },
    tiny: { type: 'boolean', default: false },
  },
});
ignoreExtraCertificates(env);
// Set the variable before loading a figure, because the sizes of the figure depend on the variable; child processes
// inherit the variable.
if (child.tiny) env[TINY_VARIABLE] = '1';
const unknown = positionals.filter((id) => !(id in FIGURES));
if (unknown.length > 0) {
  throw new Error(`unknown figure ${unknown.join(', ')}; choose from ${Object.keys(FIGURES).join(', ')}`);
}
const ids = Object.keys(FIGURES).filter((id) => positionals.length === 0 || positionals.includes(id));
if (child.side === 'subject' || child.side === 'reference') await measureHere(ids, child.side, child.folder);
else {
  stdout.write(
    isTiny()
      ? 'Tiny inputs, each figure once: ignore the numbers\n'
      : `Node ${version}, ${availableParallelism()} processors; medians of ${PAIRS} pairs of runs unless stated otherwise\n`,
  );
  for (const id of ids) await measureFigure(id);
}

async function measureHere([id = '']: readonly string[], which: Side, where: string): Promise<void> {
  const figure = await FIGURES[id]?.();
  if (figure === undefined || 'observe' in figure) return;
  await printRun(async () => await figure[which](where));
}

async function measureFigure(id: string): Promise<void> {
  const figure = await FIGURES[id]?.();
  if (figure === undefined) return;
  const where = mkdtempSync(join(tmpdir(), `clair-bench-${id}-`));
  try {
    await figure.prepare(where);
    if (isTiny()) {
      await ('observe' in figure ? figure.observe(where, Number(child.minutes)) : runOnce(id, figure, where));
      stdout.write(`ran      ${id}\n`);
    } else if ('observe' in figure) {
      const lines = await figure.observe(where, Number(child.minutes));
      stdout.write(`\n${figure.title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
    } else {
      report(figure, measurePairs(id, figure, where));
    }
  } catch (error) {
    if (!(error instanceof FigureUnavailable)) throw error;
    stdout.write(isTiny() ? `SKIPPED  ${id}: ${error.message}\n` : `\nSKIPPED: ${figure.title}\n  ${error.message}\n`);
  } finally {
    rmSync(where, { recursive: true, force: true });
  }
}

async function runOnce(id: string, figure: Figure, where: string): Promise<void> {
  for (const which of ['subject', 'reference'] as const) {
    removeDatabases(where);
    // Two figures run in processes, so that these paths are tested too; the other figures skip the process start.
    if (IN_PROCESSES.has(id)) measure(id, figure, which, where);
    else await figure[which](where);
  }
}

function measurePairs(id: string, figure: Figure, where: string): readonly Record<Side, Measured>[] {
  const pairs: Record<Side, Measured>[] = [];
  for (let pair = 0; pair <= (figure.pairs ?? PAIRS); pair += 1) {
    const measured = {
      subject: measure(id, figure, 'subject', where),
      reference: measure(id, figure, 'reference', where),
    };
    if (pair > 0) pairs.push(measured);
  }
  return pairs;
}

function removeDatabases(where: string): void {
  for (const name of ['subject.db', 'reference.db']) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(where, name + suffix), { force: true });
  }
}

function measure(id: string, figure: Figure, which: Side, where: string): Measured {
  removeDatabases(where);
  const source = ['--import', 'tsx', fileURLToPath(import.meta.url), id, '--side', which, '--folder', where];
  const args = figure.command?.(which, where) ?? source;
  const pinned = which === 'reference' && figure.referenceOnOneProcessor === true;
  const {
    stdout: text,
    stderr,
    status,
  } = pinned
    ? spawnSync('taskset', ['--cpu-list', '0', execPath, ...args], { encoding: 'utf8' })
    : spawnSync(execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${id} ${which} failed: ${stderr}`);
  return JSON.parse(text) as Measured;
}

function report(figure: Figure, pairs: readonly Record<Side, Measured>[]): void {
  const ratio = median(pairs.map(({ subject, reference }) => reference.milliseconds / subject.milliseconds));
  const of = (which: Side): string => {
    const time = median(pairs.map((pair) => pair[which].milliseconds));
    const memory = median(pairs.map((pair) => pair[which].megabytes));
    const atRest = median(pairs.map((pair) => pair[which].megabytesAtRest));
    const { what, amount } = pairs[0]?.[which] ?? { what: '' };
    const speed = amount === undefined ? '' : `, ${speedOf(amount, time)}`;
    return `${time.toFixed(0)} ms${speed}, peak memory ${memory.toFixed(0)} MB, ${atRest.toFixed(0)} at rest (${what})`;
  };
  const aims = [
    ...(figure.aim === undefined ? [] : [`at least ${figure.aim}`]),
    ...(figure.aimMegabytes === undefined ? [] : [`peak memory below ${figure.aimMegabytes} MB`]),
  ];
  const aim = aims.length === 0 ? '' : ` (aim: ${aims.join(', ')})`;
  const added = addedBy(figure, pairs);
  const count = figure.pairs === undefined ? '' : `; ${figure.pairs} pairs`;
  stdout.write(`
${figure.title}
  ${ratio.toFixed(2)} times the speed of ${figure.against}${aim}${count}
${added}  Clair      ${of('subject')}
  reference  ${of('reference')}
`);
}

/** Returns the line with the time and the memory of the subject beyond the reference, for a figure with such aims. */
function addedBy(
  { aimAddedMilliseconds, aimAddedMegabytes }: Figure,
  pairs: readonly Record<Side, Measured>[],
): string {
  if (aimAddedMilliseconds === undefined) return '';
  const added = (of: (run: Measured) => number): string =>
    median(pairs.map(({ subject, reference }) => of(subject) - of(reference))).toFixed(0);
  const time = `adds ${added(({ milliseconds }) => milliseconds)} ms`;
  const memory = ` and ${added(({ megabytes }) => megabytes)} MB of peak memory`;
  const aimOfMemory = aimAddedMegabytes === undefined ? '' : ` and ${aimAddedMegabytes} MB`;
  return `  ${time}${memory} (aim: less than ${aimAddedMilliseconds} ms${aimOfMemory})\n`;
}

function speedOf({ count, unit }: NonNullable<Run['amount']>, milliseconds: number): string {
  const perSecond = (count / milliseconds) * 1000;
  return unit === 'bytes' ? `${(perSecond / 1e6).toFixed(0)} MB/s` : `${perSecond.toFixed(0)} ${unit} a second`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
