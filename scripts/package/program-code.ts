import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type BuildResult, type OutputFile } from 'esbuild';
import { COMMONJS_SCOPE, OPTIONAL_LIBRARY } from '../../src/threads/bundle-scope.mjs';
import { modulesLoadedAfter } from './modules-loaded-after.ts';
import { requiredModules } from './required-modules.ts';

/**
 * The entry points of the program. The bundles of all entry points are written to one folder, because the code resolves
 * run-time files relative to `import.meta.url`, as piscina does for the code of its threads.
 */
const PROGRAM = {
  main: 'src/cli/main.ts',
  worker: 'node_modules/piscina/dist/worker.js',
} as const;

/**
 * The entry points of the threads. Threads share no file with the program, because shared files must be split wherever
 * an entry point needs only a part of a file, and loading many small files takes longer.
 */
const THREADS: Readonly<Record<string, string>> = {
  'answer-thread': 'src/api/threads/answer-thread.ts',
  'checkpoint-thread': 'src/database/engines/sqlite/threads/checkpoint-thread.ts',
  'count-thread': 'src/counting/threads/count-thread.ts',
  'file-index-thread': 'src/worker/files/threads/file-index-thread.ts',
  'reader-thread': 'src/worker/threads/reader-thread.ts',
  'recorder-thread': 'src/worker/threads/recorder-thread.ts',
  'update-task': 'src/updater/threads/update-task.ts',
};

/**
 * The modules that the program loads after another module, by the path of the other module: modules that are loaded on
 * demand, or that need nearly everything that the other module needs (`modulesLoadedAfter`).
 */
export const LOADED_AFTER: Readonly<Record<string, readonly string[]>> = {
  // The program without its commands.
  'src/cli/program.ts': ['src/bytes/http/client.ts', 'src/cli/commands/scan.ts', 'src/cli/commands/version.ts'],
  // The options of commands for images, and the texts that they share with other commands and with the formats. Some of
  // these load more code than they need, but no command starts later, because the code is in fewer files.
  'src/cli/commands/scan.ts': [
    'src/cli/commands/completion.ts',
    'src/cli/commands/config.ts',
    'src/cli/commands/report.ts',
    'src/cli/commands/submit.ts',
    'src/cli/image-scan.ts',
    'src/cli/options/config-discovery.ts',
    'src/cli/settings/classifier-file.ts',
    'src/compose/settings-checks.ts',
    'src/report/json.ts',
    'src/report/table.ts',
  ],
  'src/cli/options/config-discovery.ts': ['src/cli/image-scan.ts', 'src/config/config-file.ts'],
  // The analysis of images, which most commands load.
  'src/cli/image-scan.ts': [
    'src/cli/commands/affected.ts',
    'src/cli/commands/db.ts',
    'src/cli/commands/diff.ts',
    'src/cli/commands/explain.ts',
    'src/cli/commands/feeds.ts',
    'src/cli/commands/file-rules.ts',
    'src/cli/commands/graph.ts',
    'src/cli/commands/ignore-rules.ts',
    'src/cli/commands/images.ts',
    'src/cli/commands/notifications.ts',
    'src/cli/commands/reindex.ts',
    'src/cli/commands/serve.ts',
    'src/cli/commands/update.ts',
    'src/cli/feeds/feed-refresh.ts',
    'src/cli/image-attachments.ts',
    'src/compose/server.ts',
    'src/database/engines/postgres/engine.ts',
    'src/notifier/configured-notifier.ts',
    'src/report/changes/stored-changes.ts',
    'src/report/statements/embedded-statements.ts',
    'src/suppression/csaf-vex.ts',
    'src/suppression/ignore-file.ts',
    'src/suppression/openvex.ts',
    'src/suppression/stored-rules.ts',
    'src/suppression/suppressed-findings.ts',
    'src/worker/detectors/index.ts',
    'src/worker/sources/daemon/daemon-image.ts',
    'src/worker/sources/daemon/local-image.ts',
    'src/worker/sources/registry/docker-config.ts',
    'src/worker/sources/registry/registry.ts',
    'src/worker/layer/layer-reader.ts',
    'src/worker/sources/rootfs/rootfs.ts',
  ],
  // The analysis of layers that are not stored yet, in the main thread.
  'src/worker/layer/layer-reader.ts': ['src/compose/temporary-analysis.ts', 'src/worker/layer-recorder.ts'],
  // The default format, which shares its texts with the other formats except JSON.
  'src/report/table.ts': [
    'src/report/cyclonedx.ts',
    'src/report/gitlab.ts',
    'src/report/html.ts',
    'src/report/junit.ts',
    'src/report/markdown.ts',
    'src/report/openvex.ts',
    'src/report/sarif.ts',
    'src/report/spdx.ts',
  ],
};

/** Source files that read files at run time, relative to the bundle. */
const READ_AT_RUN_TIME: ReadonlySet<string> = new Set([
  'src/api/web-ui/files.ts',
  'src/api/threads/answer-pool.ts',
  'src/counting/threads/count-pool.ts',
  'src/worker/files/threads/file-index-pool.ts',
  'src/database/engines/sqlite/threads/background-checkpoints.ts',
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

type CodeFile = Pick<OutputFile, 'path' | 'contents' | 'text'>;

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
  const program = await bundle(root, folder, {
    ...options,
    entryPoints: { ...PROGRAM, ...entryPoints },
    plugins: [modulesLoadedAfter(root, LOADED_AFTER), ...(options.plugins ?? [])],
  });
  return await withThreads(root, folder, program, { ...options, entryPoints: THREADS });
}

/**
 * Bundles the code as {@link bundleCode} does, but writes the code of the main thread as one CommonJS script,
 * `clair.cjs`. V8's code cache of a script contains all functions that were compiled during a run. Node's compile cache
 * of a module contains only the functions that were compiled when the module was loaded.
 *
 * @throws Error as {@link bundleCode}
 */
export async function bundleScript(root: string, folder: string, options: BuildOptions): Promise<ProgramCode> {
  const script = await bundle(root, folder, {
    ...options,
    entryPoints: { clair: 'src/executable/program.ts' },
    format: 'cjs',
    splitting: false,
    outExtension: { '.js': '.cjs' },
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'scriptUrl' },
    // Modules are in strict mode.
    banner: { js: `(function (exports, require, module, __filename, __dirname) { 'use strict'; ${SCRIPT_URL}` },
    footer: { js: '})' },
  });
  const ascii = { ...script, outputFiles: script.outputFiles.map(inAscii) };
  return await withThreads(root, folder, ascii, { ...options, entryPoints: { ...THREADS, worker: PROGRAM.worker } });
}

const SCRIPT_URL = "const scriptUrl = require('node:url').pathToFileURL(__filename).href;";

/** Adds the code of the threads, `options`, to the code of the main thread. @throws Error as {@link bundleCode} */
async function withThreads(
  root: string,
  folder: string,
  program: { readonly metafile: ProgramCode['metafile']; readonly outputFiles: readonly CodeFile[] },
  options: BuildOptions,
): Promise<ProgramCode> {
  const threads = await bundle(root, folder, options);
  // The imports of a module can differ, because threads are bundled without `modulesLoadedAfter`.
  const inputs = { ...threads.metafile.inputs, ...program.metafile.inputs };
  const unknown = Object.keys(inputs).filter((path) => readsAtRunTime(root, path) && !READ_AT_RUN_TIME.has(path));
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(', ')}: reads a file at run time that scripts/package/program-code.ts does not know`,
    );
  }
  // The names of files contain digests of their content, so files with the same name are equal.
  const files = new Map([...program.outputFiles, ...threads.outputFiles].map((file) => [file.path, file]));
  return {
    metafile: { inputs, outputs: { ...program.metafile.outputs, ...threads.metafile.outputs } },
    outputFiles: [...files.values()].map(withNeededScope),
  };
}

/** Bundles entry points, which share files. @throws Error when esbuild warns */
async function bundle(
  root: string,
  folder: string,
  options: BuildOptions,
): Promise<BuildResult<{ metafile: true; write: false }>> {
  const external = options.external ?? [];
  const code = await build({
    format: 'esm',
    splitting: true,
    banner: { js: COMMONJS_SCOPE },
    ...options,
    absWorkingDir: root,
    outdir: folder,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    metafile: true,
    // V8 reads the whole code at each start. Names remain, because errors quote them.
    minifyWhitespace: true,
    external: [OPTIONAL_LIBRARY, ...external],
    plugins: [requiredModules(['node:http', 'node:process', ...external]), ...(options.plugins ?? [])],
  });
  if (code.warnings.length > 0) throw new Error(`esbuild warns: ${code.warnings[0]?.text}`);
  return code;
}

function readsAtRunTime(root: string, path: string): boolean {
  return path.startsWith('src/') && readFileSync(join(root, path), 'utf8').includes('import.meta');
}

/**
 * Removes the scope of CommonJS modules from a file that does not need the scope, because each start would otherwise
 * create the scope about 100 times.
 */
function withNeededScope({ path, text, contents }: CodeFile): Pick<OutputFile, 'path' | 'contents'> {
  const scope = `${COMMONJS_SCOPE}\n`;
  const needsScope = /\b(require|__filename|__dirname)\b/.test(text.replace(scope, ''));
  return { path, contents: path.endsWith('.js') && !needsScope ? Buffer.from(text.replace(scope, '')) : contents };
}

/**
 * Writes the characters of a script that are not in ASCII as escapes. esbuild does this in strings, but not in regular
 * expressions and tagged templates, whose source a program could read; no program here does.
 *
 * @throws Error when a backslash precedes such a character
 */
function inAscii(file: OutputFile): CodeFile {
  if (!file.path.endsWith('.cjs')) return file;
  if (/\\[^\0-\x7F]/.test(file.text)) throw new Error(`${file.path}: cannot escape a character after a backslash`);
  const text = file.text.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return { path: file.path, text, contents: Buffer.from(text) };
}
