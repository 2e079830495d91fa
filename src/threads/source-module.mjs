// When Clair runs from its TypeScript sources, as in tests and development, threads do not inherit the loader of the
// process. Therefore, threads load bundles of the sources.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';
import { COMMONJS_SCOPE, NATIVE_LIBRARIES, OPTIONAL_LIBRARY } from './bundle-scope.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/clair-threads');

/**
 * The start of the first line of a bundle; the rest of the line contains the stamps of the sources at the time of
 * bundling.
 */
const SOURCES = '// sources: ';

/** The files that determine how bundles are written, and the file that npm writes whenever the libraries change. */
const ALWAYS = ['src/threads/source-module.mjs', 'src/threads/bundle-scope.mjs', 'node_modules/.package-lock.json'];

/**
 * Imports a TypeScript module, bundled with all sources and libraries that it imports. Without bundles, a thread takes
 * much longer to start. The start takes about five times as long with a loader that transforms each source, and up to
 * four times as long with unbundled libraries of hundreds of files. The bundle remains below `node_modules` until one
 * of its sources changes or npm installs libraries.
 *
 * @param {URL} url the URL of the module
 * @returns {Promise<Record<string, unknown>>} the exports of the module
 */
export async function importSource(url) {
  const entry = fileURLToPath(url);
  const key = createHash('sha256').update(entry).digest('hex').slice(0, 16);
  const path = join(CACHE, `${basename(entry, '.ts')}-${key}.mjs`);
  if (!isCurrent(path)) await writeBundle(entry, path);
  return await import(pathToFileURL(path).href);
}

/** @param {string} path */
function isCurrent(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return false;
  }
  const sources = JSON.parse(text.slice(SOURCES.length, text.indexOf('\n')));
  return Object.entries(sources).every(([source, stamp]) => stamp === stampOf(source));
}

/** @param {string} source the path of a source, relative to the root */
function stampOf(source) {
  const stat = statSync(join(ROOT, source), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`;
}

/**
 * @param {string} entry
 * @param {string} path
 */
async function writeBundle(entry, path) {
  const { build } = await import('esbuild');
  const stamps = new Map(ALWAYS.map((each) => [each, stampOf(each)]));
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: [...NATIVE_LIBRARIES, OPTIONAL_LIBRARY],
    banner: { js: COMMONJS_SCOPE },
    plugins: [sourcesIn(stamps)],
  });
  const first = `${SOURCES}${JSON.stringify(Object.fromEntries(stamps))}\n`;
  mkdirSync(CACHE, { recursive: true });
  // The bundle is written under another name first, because other threads and processes can write the same bundle at
  // the same time.
  const unnamed = `${path}.${process.pid}-${threadId}`;
  writeFileSync(unnamed, first + outputFiles[0].text);
  renameSync(unnamed, path);
}

/**
 * Returns a plug-in that records the stamp of each source before it reads the source, and gives `import.meta.url` the
 * value that it has in the source.
 *
 * @param {Map<string, string>} stamps
 * @returns {import('esbuild').Plugin}
 */
function sourcesIn(stamps) {
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = path.slice(ROOT.length);
        stamps.set(source, stampOf(source));
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'ts' };
      });
    },
  };
}
