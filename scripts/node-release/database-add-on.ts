import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { versions } from 'node:process';
import { commandOutput } from './command-output.ts';
import { environmentOf, installHeaders } from './node-package.ts';

const DATABASE = 'better-sqlite3';

/** The path of the add-on in the folder of better-sqlite3. */
export const ADD_ON: string = join('build', 'Release', 'better_sqlite3.node');

/**
 * Returns the add-on of the embedded database for a Node release, compiled once per major version of Node and cached in
 * `node_modules/.cache`, because compiling takes a minute or more. The other add-ons use Node-API and work in all
 * releases. Like the published add-ons of better-sqlite3, the add-on is compiled with the headers of the first release
 * of the major version, because version 12 aborts if it is compiled against Node 24.19 or later
 * (docs/explanation/dependencies.md).
 *
 * @param root the folder of package.json
 * @param home the folder of the Node release, as returned by `installNode`
 * @param optimization `none` compiles in about a third of the time, for an add-on that only tests load
 * @throws Error when the compiler fails
 */
export async function databaseAddOn(
  root: string,
  release: string,
  home: string,
  optimization: 'full' | 'none' = 'full',
): Promise<string> {
  const installed = join(root, 'node_modules', DATABASE);
  const abi = (await commandOutput(join(home, 'bin', 'node'), ['-p', 'process.versions.modules'], {})).trim();
  if (abi === versions.modules) return join(installed, ADD_ON);

  const { version }: { version: string } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const cache = join(root, 'node_modules', '.cache', 'clair-node');
  const optimized = join(cache, `${DATABASE}-${version}-abi-${abi}.node`);
  if (existsSync(optimized)) return optimized;
  const kept = optimization === 'full' ? optimized : join(cache, `${DATABASE}-${version}-abi-${abi}-O0.node`);
  if (existsSync(kept)) return kept;

  const folder = mkdtempSync(join(tmpdir(), 'clair-add-on-'));
  try {
    const headers = await installHeaders(`${Number.parseInt(release, 10)}.0.0`, join(folder, 'headers'));
    const copy = copyWithLibraries(root, join(folder, 'project'));
    await commandOutput('npm', ['rebuild', DATABASE], {
      cwd: join(folder, 'project'),
      env: {
        ...environmentOf(home),
        npm_config_nodedir: headers,
        // The Makefile of node-gyp appends these variables to its own options, and the last option takes effect.
        ...(optimization === 'none' && { CFLAGS: '-O0', CXXFLAGS: '-O0' }),
      },
    });
    mkdirSync(dirname(kept), { recursive: true });
    cpSync(join(copy, ADD_ON), kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creates a project with a copy of better-sqlite3 and links to all other libraries. Returns the folder of the copy. */
function copyWithLibraries(root: string, project: string): string {
  const modules = join(project, 'node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(join(root, 'package.json'), join(project, 'package.json'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== DATABASE && !name.startsWith('.')) {
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
  }
  const copy = join(modules, DATABASE);
  cpSync(join(root, 'node_modules', DATABASE), copy, { recursive: true });
  // make would treat files of another Node line as up to date.
  rmSync(join(copy, 'build'), { recursive: true, force: true });
  return copy;
}
