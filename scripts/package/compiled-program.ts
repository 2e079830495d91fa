import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NATIVE_LIBRARIES } from '../../src/threads/bundle-scope.mjs';
import { bundledPackages, licenseTexts } from './licenses.ts';
import { bundleCode } from './program-code.ts';

/**
 * Writes the program, its migrations and the licenses of its libraries into a folder; `main.js` starts the program.
 * Libraries with native add-ons are resolved at run time from that folder upwards; the web UI is built separately.
 *
 * @param root the folder of package.json
 * @param entryPoints further source files to bundle into separate files, by output name
 * @throws Error as {@link bundleCode}
 */
export async function writeProgram(
  root: string,
  folder: string,
  entryPoints: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { outputFiles, metafile } = await bundleCode(root, folder, { entryPoints, external: [...NATIVE_LIBRARIES] });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  chmodSync(join(folder, 'main.js'), 0o755);
  cpSync(join(root, 'src', 'database', 'migrations'), join(folder, 'migrations'), { recursive: true });
  const packages = bundledPackages(Object.keys(metafile.inputs));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licenseTexts(root, packages));
}
