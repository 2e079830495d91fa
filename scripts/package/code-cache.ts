import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDemoLayers, DEMO_FEED } from '../../test/fixtures/demo-image.ts';
import { buildDockerArchive } from '../../src/worker/testing/image-builder.ts';

const RECORDED_RUN = fileURLToPath(new URL('recorded-run.ts', import.meta.url));

/**
 * Returns V8's code cache of the program after a scan of the image of the demonstration. The executable starts with this
 * cache, because compiling the functions of a short scan takes longer than running most of them.
 *
 * @param node the Node executable that runs the program
 * @param files the files of the program by path
 * @param folder an empty folder for temporary files
 * @throws Error when the scan fails, or when V8 does not accept the cache
 */
export async function programCache(
  node: string,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
): Promise<Uint8Array> {
  const program = join(folder, 'program');
  for (const [name, content] of files) {
    mkdirSync(dirname(join(program, name)), { recursive: true });
    writeFileSync(join(program, name), content);
  }
  const clair = (cache: string, ...args: readonly string[]): void => {
    const command = [RECORDED_RUN, join(program, 'app/clair.cjs'), cache, ...args, '--db', join(folder, 'clair.db')];
    execFileSync(node, command, { env: { HOME: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const [update, scan, image] = [join(folder, 'update'), join(folder, 'scan'), join(folder, 'image.tar')];
  writeFileSync(image, await buildDockerArchive(await buildDemoLayers(), 'clair-demo:latest'));
  clair(update, 'update', '--feed', 'debian', '--from', DEMO_FEED);
  // The second scan starts with the cache of the first scan, as the executable does.
  for (let round = 0; round < 2; round += 1) clair(scan, 'scan', image, '--format', 'json');
  return readFileSync(scan);
}
