import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type BuildResult, type OutputFile } from 'esbuild';
import { COMMONJS_SCOPE, OPTIONAL_LIBRARY } from '../../src/threads/bundle-scope.mjs';
import { requiredModules } from './required-modules.ts';

/**
 * The entry points that run as separate programs or threads. The bundles of the entry points are written to one folder,
 * because the code resolves run-time files relative to `import.meta.url`, as piscina does for the code of its threads.
 */
const ENTRIES: Readonly<Record<string, string>> = {
  main: 'src/cli/main.ts',
  'answer-thread': 'src/api/threads/answer-thread.ts',
  'count-thread': 'src/counting/threads/count-thread.ts',
  'file-index-thread': 'src/worker/files/threads/file-index-thread.ts',
  'reader-thread': 'src/worker/threads/reader-thread.ts',
  'recorder-thread': 'src/worker/threads/recorder-thread.ts',
  'update-task': 'src/updater/threads/update-task.ts',
  worker: 'node_modules/piscina/dist/worker.js',
};

/** Source files that read files at run time, relative to the bundle. */
const READ_AT_RUN_TIME: ReadonlySet<string> = new Set([
  'src/api/web-ui/files.ts',
  'src/api/threads/answer-pool.ts',
  'src/counting/threads/count-pool.ts',
  'src/worker/files/threads/file-index-pool.ts',
  'src/database/migrations.ts',
  'src/updater/threads/updater-thread.ts',
  'src/version.ts',
  'src/worker/threads/reader-pool.ts',
  'src/worker/threads/recorder-pool.ts',
]);

type ProgramOptions = Omit<BuildOptions, 'entryPoints'> & {
  /** Further source files to bundle into separate files, by output name. */
  readonly entryPoints?: Readonly<Record<string, string>>;
};

/** The output files of the bundle and their inputs. */
export type ProgramCode = Pick<BuildResult<{ metafile: true; write: false }>, 'metafile'> & {
  readonly outputFiles: readonly Pick<OutputFile, 'path' | 'contents'>[];
};

/**
 * Bundles the code of Clair and its libraries into a few files, because Node starts several times slower with the
 * thousands of original files.
 *
 * @param root the folder of package.json
 * @param folder the output folder; nothing is written
 * @param options options of esbuild that override the defaults, such as `external`, the libraries that are resolved at
 * run time
 * @throws Error when esbuild warns, or when a source file that is not in `READ_AT_RUN_TIME` uses `import.meta`
 */
export async function bundleCode(
  root: string,
  folder: string,
  { entryPoints, ...options }: ProgramOptions,
): Promise<ProgramCode> {
  const external = options.external ?? [];
  const code = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: { ...ENTRIES, ...entryPoints },
    outdir: folder,
    write: false,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    metafile: true,
    banner: { js: COMMONJS_SCOPE },
    external: [OPTIONAL_LIBRARY, ...external],
    plugins: [requiredModules(['node:http', 'node:process', ...external]), ...(options.plugins ?? [])],
  });
  if (code.warnings.length > 0) throw new Error(`esbuild warns: ${code.warnings[0]?.text}`);
  const unknown = Object.keys(code.metafile.inputs).filter(
    (path) => readsAtRunTime(root, path) && !READ_AT_RUN_TIME.has(path),
  );
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(', ')}: reads a file at run time that scripts/package/program-code.ts does not know`,
    );
  }
  return { metafile: code.metafile, outputFiles: code.outputFiles.map(withNeededScope) };
}

function readsAtRunTime(root: string, path: string): boolean {
  return path.startsWith('src/') && readFileSync(join(root, path), 'utf8').includes('import.meta');
}

/**
 * Removes the scope of CommonJS modules from a file that does not need the scope, because each start would otherwise
 * create the scope about 100 times.
 */
function withNeededScope({ path, text, contents }: OutputFile): Pick<OutputFile, 'path' | 'contents'> {
  const scope = `${COMMONJS_SCOPE}\n`;
  const needsScope = /\b(require|__filename|__dirname)\b/.test(text.replace(scope, ''));
  return { path, contents: path.endsWith('.js') && !needsScope ? Buffer.from(text.replace(scope, '')) : contents };
}
