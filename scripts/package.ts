/**
 * Builds Clair as a single-file executable for this platform, with Node from the npm registry inside: `npm run package
 * [-- --out FOLDER] [--unoptimized]`. For tests, --unoptimized compiles the embedded database in a third of the time;
 * the database is then slower. Prints sizes and start times.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SETTLED_MILLISECONDS } from '../src/executable/checked-files.ts';
import { databaseAddOn } from './node-release/database-add-on.ts';
import { installNode, SHIPPED_NODE } from './node-release/node-package.ts';
import { programCache } from './package/code-cache.ts';
import { writeExecutable } from './package/executable.ts';
import { licenseTexts } from './package/licenses.ts';
import { bundleProgram } from './package/program-bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist-package' }, unoptimized: { type: 'boolean', default: false } },
});

// macOS and Windows executables are signed, and inserting files invalidates the signature.
if (platform !== 'linux') throw new Error(`npm run package builds an executable on Linux only, not on ${platform}`);

const out = resolve(values.out);
const program = join(out, 'clair');
const folder = mkdtempSync(join(tmpdir(), 'clair-package-'));
try {
  const home = await installNode(SHIPPED_NODE, folder);
  const addOn = await databaseAddOn(ROOT, SHIPPED_NODE, home, values.unoptimized ? 'none' : 'full');
  const { files: code, packages } = await bundleProgram(ROOT, addOn);
  const node = join(home, 'bin', 'node');
  const files = new Map(code).set('app/clair.cache', await programCache(node, code, join(folder, 'cached')));
  await writeExecutable(ROOT, node, files, program, folder);
  writeFileSync(
    join(out, 'THIRD-PARTY-LICENSES.txt'),
    `Node ${SHIPPED_NODE}\n\n${readFileSync(join(home, 'LICENSE'), 'utf8')}\n\n${licenseTexts(ROOT, packages)}`,
  );
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  print(`${program}: ${megabytes(statSync(program).size)}, for ${platform} ${arch}`);
  print(`  Node ${SHIPPED_NODE} and ${files.size} files of ${megabytes(bytes)} with ${packages.length} libraries`);
  const first = startMilliseconds();
  // The next start compares the new files again, and records their state.
  await setTimeout(SETTLED_MILLISECONDS);
  startMilliseconds();
  print(`  clair --version takes ${first} ms the first time, ${startMilliseconds()} ms after that`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function startMilliseconds(): number {
  const began = performance.now();
  execFileSync(program, ['--version'], { env: { XDG_CACHE_HOME: join(folder, 'cache') } });
  return Math.round(performance.now() - began);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
