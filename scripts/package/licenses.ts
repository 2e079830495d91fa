import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Manifest = { readonly name: string; readonly version: string; readonly license?: string };

/**
 * The text that goes with a program that libraries are part of, as their licenses ask for: of each its name, version,
 * license, and the files that state it.
 *
 * @param root the folder of package.json
 * @param packages the folders of the packages, relative to it
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
