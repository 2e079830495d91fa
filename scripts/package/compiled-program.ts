import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleCode, NATIVE_LIBRARIES } from './program-code.ts';

/**
 * Writes the program into a folder, with its migrations: `main.js` starts it. It is complete but for the libraries with
 * native add-ons, which are looked for from there on upwards, and the page.
 *
 * @param root the folder of package.json
 * @param entryPoints further feeds that are made files of their own, by the names of these
 * @throws Error as {@link bundleCode}
 */
export async function writeProgram(
  root: string,
  folder: string,
  entryPoints: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { outputFiles } = await bundleCode(root, folder, { entryPoints, external: [...NATIVE_LIBRARIES] });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  chmodSync(join(folder, 'main.js'), 0o755);
  cpSync(join(root, 'src', 'database', 'migrations'), join(folder, 'migrations'), { recursive: true });
}
