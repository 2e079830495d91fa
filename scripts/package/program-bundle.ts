import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { build as buildPage } from 'vite';
import { bundledPackages } from './licenses.ts';
import { nativeAddOns } from './native-add-ons.ts';
import { bundleScript } from './program-code.ts';

export type ProgramBundle = {
  /** The files of the program by path; `app/clair.cjs` is the entry point. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The folders of the bundled npm packages, relative to the root. */
  readonly packages: readonly string[];
};

/**
 * Bundles the program with everything that it needs except Node: the code of Clair and its libraries, native add-ons,
 * migrations and the web UI.
 *
 * @param root the folder of package.json
 * @param database the add-on of better-sqlite3 for the Node release that runs the program
 * @throws Error as {@link bundleScript}
 */
export async function bundleProgram(root: string, database: string): Promise<ProgramBundle> {
  const folder = join(root, 'out', 'app');
  const { outputFiles, metafile } = await bundleScript(root, folder, {
    loader: { '.node': 'copy' },
    plugins: [nativeAddOns(root, database)],
  });
  const files = new Map<string, Uint8Array>([
    ['package.json', packageOf(root)],
    ...migrationsOf(root),
    ...(await pageOf(root)),
  ]);
  for (const { path, contents } of outputFiles) files.set(`app/${relative(folder, path)}`, contents);
  return { files, packages: bundledPackages(Object.keys(metafile.inputs)) };
}

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
