import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { ProgramFile } from '../../src/executable/unpacked-program.ts';

/** Marks a Node executable with an injected program; see "Single executable applications" in the Node manual. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Writes a copy of a Node executable with the launcher and the files of a program inside.
 *
 * @param root the folder of package.json
 * @param node the Node executable
 * @param files the files of the program by path
 * @param path the output file
 * @param folder a folder for temporary files
 */
export async function writeExecutable(
  root: string,
  node: string,
  files: ReadonlyMap<string, Uint8Array>,
  path: string,
  folder: string,
): Promise<void> {
  const assets: Record<string, string> = {};
  const listed: ProgramFile[] = [];
  for (const [name, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    assets[name] = join(folder, 'files', name);
    mkdirSync(dirname(assets[name]), { recursive: true });
    writeFileSync(assets[name], content);
    listed.push({ path: name, size: content.length, sha256: createHash('sha256').update(content).digest('hex') });
  }
  assets['program.json'] = join(folder, 'program.json');
  writeFileSync(assets['program.json'], JSON.stringify(listed));

  const main = join(folder, 'launcher.cjs');
  const entry = join(root, 'src/executable/launcher.ts');
  await build({
    entryPoints: [entry],
    outfile: main,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
  });

  const [settings, blob] = [join(folder, 'settings.json'), join(folder, 'blob')];
  writeFileSync(settings, JSON.stringify({ main, output: blob, assets, disableExperimentalSEAWarning: true }));
  execFileSync(node, ['--experimental-sea-config', settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  mkdirSync(dirname(path), { recursive: true });
  // A running executable cannot be written to, but it can be replaced.
  rmSync(path, { force: true });
  copyFileSync(node, path);
  chmodSync(path, 0o755);
  // The warnings of postject concern unused sections of Node's executable; the exit status shows failures.
  execFileSync('npx', ['--no-install', 'postject', path, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
