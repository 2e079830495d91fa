import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Manifest = { readonly name: string; readonly version: string; readonly license?: string };

/** The libraries of the web UI, which esbuild does not process. */
const IN_THE_PAGE: readonly string[] = ['node_modules/preact/'];

/**
 * Returns the folders of the bundled npm packages, relative to the root.
 *
 * @param inputs the source files of the bundle, relative to the root
 */
export function bundledPackages(inputs: readonly string[]): readonly string[] {
  const folders = [...inputs, ...IN_THE_PAGE].flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^./][^/]*)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)].toSorted();
}

/**
 * Returns the license notices that the bundled libraries require, with the name, version, license and license files of
 * each library.
 *
 * @param root the folder of package.json
 * @param packages the folders of the packages, relative to the root
 */
export function licenseTexts(root: string, packages: readonly string[]): string {
  return packages.map((folder) => licenseText(join(root, folder))).join(`\n${'-'.repeat(80)}\n\n`);
}

function licenseText(folder: string): string {
  const { name, version, license }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.toSorted().map((file) => `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`);
  return `${name} ${version}, ${license ?? 'license as stated below'}\n${texts.join('')}`;
}
