/**
 * Imports all real feeds into one database, scans all real images with this database, and writes a file per image with
 * the report and other responses: `npx tsx scripts/report-comparison/write.ts OUT`. `compare.ts` compares two such
 * folders. The database and the built images are beside OUT as `OUT.db` and `OUT.images` and are reused if they exist;
 * `--database FILE` and `--images FOLDER` name the database and the images of an earlier run. `--questions FOLDER`
 * queries the same vulnerabilities as the run that wrote FOLDER. `--shared FOLDER` names the real data (`../shared`).
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { ClairError } from '../../src/errors.ts';
import type { Layer } from '../../src/model/layer.ts';
import { type ReportedImage, reportImage } from '../../src/report/image/image-report.ts';
import { readSuppressionFiles } from '../../src/suppression/suppression-files.ts';
import { FETCHERS } from '../../src/updater/fetchers/index.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { openImage, parseTarget } from '../../src/worker/sources/target.ts';
import { createLocalWorker } from '../../src/worker/testing/local-worker.ts';
import { namedFeedFiles, UNREAD_FEED_FILES } from './real-data/feed-files.ts';
import { feedImages, osRelease } from './real-data/feed-images.ts';
import { importFeeds } from './real-data/feed-import.ts';
import { answersOf, type AskedVulnerabilities } from './image-answers.ts';
import { unlistedFiles } from './real-data/listed-files.ts';
import { type ComparedImage, namedImageFiles, NO_IMAGES, sharedImages } from './real-data/shared-images.ts';
import { type Place, withFolders, withWords } from './written-places.ts';

/** The clock of the database, fixed so that ages and support dates do not depend on the day of the run. */
const NOW = Date.UTC(2026, 8, 1);

const IGNORE_FILE = fileURLToPath(new URL('ignored-findings.yaml', import.meta.url));

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    shared: { type: 'string', default: '../shared' },
    database: { type: 'string' },
    images: { type: 'string' },
    questions: { type: 'string' },
  },
});
const [first, ...others] = positionals;
if (first === undefined || others.length > 0) {
  throw new Error('usage: write.ts OUT [--shared FOLDER] [--database FILE] [--images FOLDER] [--questions FOLDER]');
}
const out = resolve(first);
const database = resolve(values.database ?? `${out}.db`);
const imageFolder = resolve(values.images ?? `${out}.images`);
const feedFolder = `${database}-feeds`;
const shared = realpathSync(values.shared);
const places: readonly Place[] = [
  ['{images}', imageFolder],
  ['{feeds}', feedFolder],
  ['{shared}', shared],
  ['{ignore}', IGNORE_FILE],
];

type AnalyzedImage = ComparedImage & { readonly image: ReportedImage; readonly layers: readonly Layer[] };

const startedAt = performance.now();
requireListed();
if (existsSync(out)) throw new Error(`${out} already exists`);
if (values.questions !== undefined && !existsSync(values.questions))
  throw new Error(`no such folder: ${values.questions}`);
const isNew = !existsSync(database);
const store = await openStore({ type: 'sqlite', path: database }, { time: () => NOW });
try {
  mkdirSync(out, { recursive: true });
  if (isNew) await writeFeeds(store);
  if (!existsSync(`${database}.feeds.json`)) throw new Error(`the import into ${database} is incomplete: remove it`);
  write('feeds', JSON.parse(readFileSync(`${database}.feeds.json`, 'utf8')));
  const images = await imagesIn(store);
  const errors: object[] = [];
  const analyzed: AnalyzedImage[] = [];
  // The base image of a report depends on the indexed images, so all images are indexed before the first report.
  for (const each of images) {
    try {
      analyzed.push({ ...each, ...(await analyze(store, each)) });
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      errors.push({ image: each.name, code: error.code, message: error.message });
    }
  }
  tell(`analysed ${analyzed.length} images; ${errors.length} cannot be scanned`);
  let findings = 0;
  const ignored = await readSuppressionFiles({ ignore: [IGNORE_FILE], vex: [] });
  // The rules are shared, as on a server, so that reports do not list rules for other images as unused.
  const suppressions = [{ ...ignored, isShared: true }];
  for (const { name, namespace, image, layers } of analyzed) {
    const report = await reportImage(store, image, layers, NOW, { suppressions });
    if (namespace !== undefined && report.distribution?.namespace !== namespace) {
      const message = `recognised as ${report.distribution?.namespace}, and built as ${namespace}`;
      errors.push({ image: name, code: 'other-namespace', message });
    }
    write(name, await answersOf(store, { report, layers }, askedBefore(name)));
    findings += report.findings.length;
  }
  write('errors', { errors });
  tell(`wrote ${analyzed.length} reports with ${findings} findings to ${out}`);
} finally {
  await store.close();
}

/**
 * Checks that a table names every file of the real data. @throws Error for a file that no table names
 */
function requireListed(): void {
  const names = (table: readonly (readonly [string, string])[]): readonly string[] => table.map(([path]) => path);
  const unlisted = [
    ...unlistedFiles(join(shared, 'feeds'), namedFeedFiles(), names(UNREAD_FEED_FILES)),
    ...unlistedFiles(join(shared, 'images'), namedImageFiles(), names(NO_IMAGES)),
  ];
  if (unlisted.length > 0) throw new Error(`no table lists these files: ${unlisted.join(', ')}`);
}

/**
 * Imports the feeds and writes the results to a file beside the database. A database without this file is incomplete.
 */
async function writeFeeds(into: Store): Promise<void> {
  const outcomes = await importFeeds(into, join(shared, 'feeds'), feedFolder);
  writeFileSync(`${database}.feeds.json`, withWords(JSON.stringify({ outcomes, unread: UNREAD_FEED_FILES }), places));
  const failed = outcomes.filter(({ outcome }) => outcome.kind === 'failed').map(({ feed }) => feed);
  tell(
    `imported ${outcomes.length - failed.length} feeds${failed.length === 0 ? '' : `, without ${failed.join(', ')}`}`,
  );
}

/**
 * Returns the images. Builds the composed images once, and writes the list of all images last, so that the next run
 * detects an interrupted build.
 */
async function imagesIn(from: Store): Promise<readonly ComparedImage[]> {
  const list = join(imageFolder, 'images.json');
  if (!existsSync(list)) {
    if (mkdirSync(imageFolder, { recursive: true }) === undefined)
      throw new Error(`${list} is missing: remove ${imageFolder}`);
    const feeds = FETCHERS.map(({ id }) => id);
    const images = [
      ...(await sharedImages(join(shared, 'images'), imageFolder, osRelease)),
      ...(await feedImages(from, feeds, imageFolder)),
    ];
    writeFileSync(list, withWords(JSON.stringify(images), places));
    tell(`built the images in ${imageFolder}`);
  }
  return JSON.parse(withFolders(readFileSync(list, 'utf8'), places));
}

async function analyze(into: Store, { target }: ComparedImage): Promise<Pick<AnalyzedImage, 'image' | 'layers'>> {
  const image = await openImage(parseTarget(target), { detectors: DETECTORS });
  try {
    return { image, layers: await createLocalWorker({ store: into, detectors: DETECTORS }).analyzeImage(image) };
  } finally {
    await image.close();
  }
}

/**
 * Returns the queries of an earlier run for an image, or undefined without an earlier run, or if the run has no file
 * for the image.
 */
function askedBefore(name: string): AskedVulnerabilities | undefined {
  const path = values.questions === undefined ? '' : join(values.questions, `${name}.json`);
  if (!existsSync(path)) return undefined;
  const { explanations, affected }: Record<keyof AskedVulnerabilities, readonly { readonly id: string }[]> = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  return { explanations: explanations.map(({ id }) => id), affected: affected.map(({ id }) => id) };
}

function write(name: string, content: unknown): void {
  const path = join(out, `${name}.json`);
  if (existsSync(path)) throw new Error(`${path} would be written twice`);
  writeFileSync(path, withWords(`${JSON.stringify(content, undefined, 1)}\n`, places));
}

function tell(what: string): void {
  stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${what}\n`);
}
