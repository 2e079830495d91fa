import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';
import { nativeAddOns } from './native-add-ons.ts';

export type ProgramBundle = {
  /** The files of the program by their path; `start.cjs` starts it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The folders of the npm packages that are in it, relative to the root. */
  readonly packages: readonly string[];
};

/**
 * What runs as a program, or as a thread, of its own. All lie side by side in one folder: that is where the sources look
 * for what they read at run time, by `import.meta.url`, and piscina for the code of its threads.
 */
const ENTRIES: Readonly<Record<string, string>> = {
  main: 'src/cli/main.ts',
  'reader-thread': 'src/worker/threads/reader-thread.ts',
  'update-task': 'src/updater/threads/update-task.ts',
  worker: 'node_modules/piscina/dist/worker.js',
};

/** The sources that read files at run time, all of which are known to `program`. */
const READ_AT_RUN_TIME: ReadonlySet<string> = new Set([
  'src/api/page/page-files.ts',
  'src/database/migrations.ts',
  'src/updater/threads/updater-thread.ts',
  'src/version.ts',
  'src/worker/threads/reader-pool.ts',
]);

/** The libraries that the page is made with, which esbuild does not see. */
const IN_THE_PAGE: readonly string[] = ['node_modules/preact/'];

/** What modules of the older form, which most libraries are in, find in their scope. */
const SCOPE = `import { createRequire as scopeRequire } from 'node:module';
import { fileURLToPath as scopePath } from 'node:url';
import { dirname as scopeFolder } from 'node:path';
const require = scopeRequire(import.meta.url), __filename = scopePath(import.meta.url), __dirname = scopeFolder(__filename);`;

/**
 * Makes the program with all that it needs but Node: the code of Clair and its libraries, native add-ons, migrations.
 *
 * @param root the folder of package.json
 * @throws Error when a source reads a file at run time that would not be there
 */
export async function bundleProgram(root: string): Promise<ProgramBundle> {
  const folder = join(root, 'out', 'app');
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: { ...ENTRIES },
    outdir: folder,
    write: false,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node20.12',
    metafile: true,
    banner: { js: SCOPE },
    loader: { '.node': 'copy' },
    plugins: [nativeAddOns(root)],
    // Faster bindings of pg to a library in C, for who installs them.
    external: ['pg-native'],
  });
  if (warnings.length > 0) throw new Error(`esbuild warns: ${warnings[0]?.text}`);
  const inputs = Object.keys(metafile.inputs);
  const unknown = inputs.filter((path) => readsAtRunTime(root, path) && !READ_AT_RUN_TIME.has(path));
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(', ')}: reads a file at run time that scripts/package/program-bundle.ts does not know`,
    );
  }
  const files = new Map<string, Uint8Array>([
    ['start.cjs', Buffer.from("import('./app/main.js');\n")],
    ['package.json', packageOf(root)],
    ...migrationsOf(root),
    ...(await pageOf(root)),
  ]);
  for (const { path, contents } of outputFiles) files.set(`app/${relative(folder, path)}`, contents);
  return { files, packages: packagesOf([...inputs, ...IN_THE_PAGE]) };
}

function readsAtRunTime(root: string, path: string): boolean {
  return path.startsWith('src/') && readFileSync(join(root, path), 'utf8').includes('import.meta');
}

/** What `clairVersion` reads, and what says that the code is in modules. */
function packageOf(root: string): Uint8Array {
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return Buffer.from(JSON.stringify({ name, version, type: 'module' }));
}

function migrationsOf(root: string): [path: string, content: Uint8Array][] {
  const folder = join(root, 'src', 'database', 'migrations');
  return readdirSync(folder).flatMap((engine) =>
    readdirSync(join(folder, engine)).map((name): [string, Uint8Array] => [
      `app/migrations/${engine}/${basename(name)}`,
      readFileSync(join(folder, engine, name)),
    ]),
  );
}

/** The page, built anew. */
async function pageOf(root: string): Promise<[path: string, content: Uint8Array][]> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-page-'));
  try {
    await buildPage({ root: join(root, 'web'), logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
    return entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [`app/web/${relative(folder, path)}`, readFileSync(path)];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packagesOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders)].toSorted();
}
