import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type BuildResult } from 'esbuild';

/**
 * What runs as a program, or as a thread, of its own. All lie side by side in one folder: that is where the feeds look
 * for what they read at run time, by `import.meta.url`, and piscina for the code of its threads.
 */
const ENTRIES: Readonly<Record<string, string>> = {
  main: 'src/cli/main.ts',
  'answer-thread': 'src/api/threads/answer-thread.ts',
  'count-thread': 'src/counting/threads/count-thread.ts',
  'reader-thread': 'src/worker/threads/reader-thread.ts',
  'recorder-thread': 'src/worker/threads/recorder-thread.ts',
  'update-task': 'src/updater/threads/update-task.ts',
  worker: 'node_modules/piscina/dist/worker.js',
};

/** The feeds that read files at run time: each of those is where this code comes to lie. */
const READ_AT_RUN_TIME: ReadonlySet<string> = new Set([
  'src/api/web-ui/files.ts',
  'src/api/threads/answer-pool.ts',
  'src/counting/threads/count-pool.ts',
  'src/database/migrations.ts',
  'src/updater/threads/updater-thread.ts',
  'src/version.ts',
  'src/worker/threads/reader-pool.ts',
  'src/worker/threads/recorder-pool.ts',
]);

/** The libraries with native add-ons, each of which looks for its own in its folder; piscina brings the first. */
export const NATIVE_LIBRARIES: readonly string[] = ['@napi-rs/nice', 'better-sqlite3', 'lzma-native', 'zstd-napi'];

/** What modules of the older form, which most libraries are in, find in their scope. */
const SCOPE = `import { createRequire as scopeRequire } from 'node:module';
import { fileURLToPath as scopePath } from 'node:url';
import { dirname as scopeFolder } from 'node:path';
const require = scopeRequire(import.meta.url), __filename = scopePath(import.meta.url), __dirname = scopeFolder(__filename);`;

type ProgramOptions = Omit<BuildOptions, 'entryPoints'> & {
  /** Further feeds that become files of their own, by the names of these. */
  readonly entryPoints?: Readonly<Record<string, string>>;
};

/** The code of the program by its parts, each a file in the folder, and of what it was made. */
export type ProgramCode = BuildResult<{ metafile: true; write: false }>;

/**
 * Makes the code of Clair and its libraries a few files: with the thirteen hundred that they are made of, Node takes several
 * times as long to begin.
 *
 * @param root the folder of package.json
 * @param folder where the files are to lie; nothing is written there
 * @param options what is made otherwise, such as `external`: the libraries that are found at run time
 * @throws Error when a feed reads a file at run time that would not be there
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
    banner: { js: SCOPE },
    // Faster bindings of pg to a library in C, for who installs them.
    external: ['pg-native', ...external],
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
  return code;
}

function readsAtRunTime(root: string, path: string): boolean {
  return path.startsWith('src/') && readFileSync(join(root, path), 'utf8').includes('import.meta');
}
